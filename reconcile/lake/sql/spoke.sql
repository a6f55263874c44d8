-- The points that any alert of any kind names, itself or by a device that the inventory has there.
SELECT mpxn FROM alerts WHERE mpxn IS NOT NULL
UNION
SELECT mpxn FROM speaking_devices WHERE mpxn IS NOT NULL
