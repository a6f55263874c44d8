-- Points whose commissioned meters were read and have not proved for longer than the setting that they live, and whether
-- they ever did. To be commissioned is a proof too. Of a meter that nobody read nothing is known.
SELECT mpxn, CASE WHEN count(heard_at) = 0 THEN 'never' ELSE 'long_ago' END AS heard
FROM associations
JOIN heard USING (device_id)
CROSS JOIN silence
WHERE status = 'Commissioned'
  AND (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
GROUP BY mpxn
HAVING bool_or(was_read)
    AND max(greatest(coalesce(CAST(heard_at AS DATE), DATE '0001-01-01'), coalesce(status_from, DATE '0001-01-01')))
        < max(silent_before)
