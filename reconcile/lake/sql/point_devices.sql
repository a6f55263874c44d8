-- Every device of the slice, whatever its type, with all that the inventory says of it.
SELECT device_id, device_type, status, status_from, mpxn, role, description
FROM (
    SELECT device_id, device_type, status, status_from, mpxn, role, description
    FROM full_devices
    WHERE device_id NOT IN (SELECT device_id FROM device_updates)
    UNION ALL
    SELECT device_id, device_type, status, status_from, mpxn, role, description
    FROM device_updates
    QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
)
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
