-- Points with an electricity meter on an MPRN or a gas meter on an MPAN.
SELECT mpxn, count(*) AS meters
FROM associations
WHERE (device_type = 'ESME') <> (mpxn >= 1000000000000)
GROUP BY mpxn
