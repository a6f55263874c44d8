-- Every smart meter that the inventory associates with a Meter Point, after the responses that came since the full
-- export: a response replaces all that was known of its device.
SELECT device_id, device_type, status, status_from, mpxn, role
FROM (
    SELECT device_id, device_type, status, status_from, mpxn, role
    FROM full_devices
    WHERE device_id NOT IN (SELECT device_id FROM device_updates)
    UNION ALL
    SELECT device_id, device_type, status, status_from, mpxn, role
    FROM device_updates
    QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
)
WHERE device_type IN ('ESME', 'GSME')
  AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
