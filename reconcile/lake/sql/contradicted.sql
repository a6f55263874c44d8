-- The rule that each of those points breaks by what alerts say, and the newest of its alerts.
SELECT judged.mpxn, coalesce(rule, '') AS rule, sent_at, code, device_id
FROM judged
JOIN (
    SELECT associations.mpxn, device_id, sent_at, code
    FROM associations JOIN device_changes USING (device_id)
    QUALIFY row_number() OVER (PARTITION BY associations.mpxn ORDER BY sent_at DESC, device_id) = 1
) AS newest USING (mpxn)
