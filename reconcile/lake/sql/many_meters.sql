-- More than one live import meter. Two lines for one device are one meter, which only the few candidates need checked.
WITH candidates AS (
    SELECT mpxn FROM noted SEMI JOIN networks USING (network) WHERE live_meters > 1
)
SELECT mpxn, 'MANY_METERS' AS rule
FROM associations SEMI JOIN candidates USING (mpxn)
WHERE role = 'import'
  AND status IN (SELECT status FROM statuses WHERE live)
  AND (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
GROUP BY mpxn
HAVING count(DISTINCT device_id) > 1
