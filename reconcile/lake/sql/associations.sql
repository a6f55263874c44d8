-- Every smart meter that the inventory associates with a Meter Point. Other devices say nothing about the flag.
SELECT device_id, device_type, status, status_from, mpxn, role
FROM full_devices
WHERE device_type IN ('ESME', 'GSME')
  AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
