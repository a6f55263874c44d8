-- Where the inventory has the devices that alerts name, after the responses that came since the full export.
SELECT device_id, device_type, status_from, mpxn, role
FROM full_devices SEMI JOIN alerts USING (device_id)
WHERE device_id NOT IN (SELECT device_id FROM device_updates)
UNION ALL
SELECT device_id, device_type, status_from, mpxn, role
FROM device_updates SEMI JOIN alerts USING (device_id)
QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
