-- Every smart meter of the slice with what the inventory says of it.
SELECT device_type, status, status_from, mpxn, role, description, commissioned
FROM full_devices
WHERE device_type IN ('ESME', 'GSME')
  AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
