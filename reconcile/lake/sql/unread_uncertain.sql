-- Points of which registration says something that could not be read, or may say it, on a line whose number could not be
-- read: their flag is not known. A point that stands in a full extract is on no other line of it; one that seems to be
-- missing may be. What an update says may be of any.
SELECT DISTINCT noted.mpxn
FROM noted
JOIN unread_flags ON unread_flags.mpxn = noted.mpxn
LEFT JOIN full_extracts ON full_extracts.network = noted.network
WHERE NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of
UNION
SELECT DISTINCT noted.mpxn
FROM noted
JOIN uncertain_flags AS told ON noted.mpxn BETWEEN told.first AND told.last
LEFT JOIN full_extracts ON full_extracts.network = noted.network
WHERE if(told.is_update, told.as_of >= full_extracts.as_of, NOT in_flags)
