-- Alerts that stand by a file which was withdrawn, and that another file tells too.
SELECT standing.id, min(told.extract_id) AS extract_id
FROM standing
JOIN told
    ON standing.sent_at = told.sent_at AND standing.code = told.code AND standing.change = told.change
    AND standing.device_id = told.device_id AND standing.hub_id = told.hub_id
    AND (told.mpxn IS NULL OR standing.mpxn = told.mpxn)
WHERE standing.extract__withdrawn_at IS NOT NULL
GROUP BY standing.id
