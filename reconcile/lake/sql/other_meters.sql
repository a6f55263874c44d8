-- Points whose registered meter is not among the smart meters that the inventory has there. The newest file that names a
-- meter of the point speaks. Where it does not say which meter it is, where that was removed since, or where the
-- inventory has none, nothing differs.
WITH told AS (
    SELECT * FROM registered_meters
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
),
newest AS (
    SELECT mpxn, max(extract_order) AS extract_order FROM told WHERE removed_on IS NULL GROUP BY mpxn
),
registered AS (
    SELECT told.mpxn, told.device_id
    FROM told
    JOIN newest ON newest.mpxn = told.mpxn AND newest.extract_order = told.extract_order
    LEFT JOIN told AS gone
        ON gone.mpxn = told.mpxn
        AND gone.removed_on IS NOT NULL
        AND gone.extract_order >= told.extract_order
        AND (gone.device_id = told.device_id OR gone.meter_id = told.meter_id)
    WHERE told.removed_on IS NULL AND gone.mpxn IS NULL
),
certain AS (
    SELECT mpxn FROM registered GROUP BY mpxn HAVING count(*) = count(device_id)
)
SELECT associations.mpxn
FROM associations
JOIN certain ON certain.mpxn = associations.mpxn
LEFT JOIN registered ON registered.mpxn = associations.mpxn AND registered.device_id = associations.device_id
WHERE (associations.device_type = 'ESME') = (associations.mpxn >= getvariable('first_mpan'))
GROUP BY associations.mpxn
HAVING count(registered.device_id) = 0
