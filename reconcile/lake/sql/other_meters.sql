-- Points whose registered meter is not among the smart meters that the inventory has there. Where registration does not
-- say which meter it is, or the inventory has none, nothing differs.
WITH registered AS (
    SELECT mpxn, arg_max(device_id, extract_order) AS device_id
    FROM registered_meters
    WHERE removed_on IS NULL
      AND device_id IS NOT NULL
      AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    GROUP BY mpxn
)
SELECT mpxn
FROM associations
JOIN registered USING (mpxn)
WHERE (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
GROUP BY mpxn
HAVING count(*) FILTER (WHERE associations.device_id = registered.device_id) = 0
