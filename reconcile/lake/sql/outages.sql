-- The outages of electricity that points told of, as they say themselves, unless the inventory has the device elsewhere;
-- and those of meters whose alert names no point.
SELECT told.mpxn, told.sent_at, told.stands_until
FROM spoken AS told
SEMI JOIN outage_codes USING (code)
ANTI JOIN alert_places ON alert_places.mpxn = told.mpxn AND alert_places.device_id = told.device_id
WHERE told.mpxn >= getvariable('first_mpan')
UNION
SELECT speaking_devices.mpxn, told.sent_at, told.stands_until
FROM spoken AS told
SEMI JOIN outage_codes USING (code)
JOIN speaking_devices USING (device_id)
WHERE told.mpxn IS NULL AND role = 'import' AND device_type = 'ESME'
  AND speaking_devices.mpxn >= getvariable('first_mpan')
