-- Points of which registration says something that could not be read: their flag is not known.
SELECT DISTINCT noted.mpxn
FROM noted
JOIN unread_flags ON unread_flags.mpxn = noted.mpxn
LEFT JOIN full_extracts ON full_extracts.network = noted.network
WHERE NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of
