-- The points at which an alert since the inventory tells another status of a device.
SELECT mpxn FROM full_devices SEMI JOIN device_changes USING (device_id) WHERE mpxn IS NOT NULL
UNION
SELECT mpxn FROM device_updates SEMI JOIN device_changes USING (device_id) WHERE mpxn IS NOT NULL
