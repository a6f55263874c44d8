-- The last proof of life at each Meter Point: of a commissioned meter before others.
SELECT mpxn, heard_at, source
FROM associations
JOIN heard USING (device_id)
WHERE heard_at IS NOT NULL AND (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
QUALIFY row_number() OVER (PARTITION BY mpxn ORDER BY status = 'Commissioned' DESC, heard_at DESC, device_id) = 1
