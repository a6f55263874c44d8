-- Every smart meter of the slice with what the inventory says of it, after the responses since the full export.
SELECT device_type, status, status_from, mpxn, role, description, commissioned
FROM (
    SELECT device_type, status, status_from, mpxn, role, description, commissioned
    FROM full_devices
    WHERE device_id NOT IN (SELECT device_id FROM device_updates)
    UNION ALL
    SELECT device_type, status, status_from, mpxn, role, description, commissioned
    FROM device_updates
    QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
)
WHERE device_type IN ('ESME', 'GSME')
  AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
