-- Every device of the slice, whatever its type, with all that the inventory says of it.
SELECT *
FROM (
    SELECT * FROM full_devices
    WHERE device_id NOT IN (SELECT device_id FROM device_updates)
    UNION ALL BY NAME
    SELECT * EXCLUDE (as_of, extract_order) FROM device_updates
    QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
)
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
