-- Registered points whose flag or meters stand on a line that could not be read: no policy says anything of them. Lines of
-- which nobody can tell what they are about are not looked at here; the run says how many there are.
SELECT flags.mpxn
FROM flags
JOIN unread_flags ON unread_flags.mpxn = flags.mpxn
LEFT JOIN full_extracts ON full_extracts.network = flags.network
WHERE NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of
UNION
SELECT mpxn FROM unread_devices WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
