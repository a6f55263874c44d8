-- A meter of the other fuel, at a point of the run's networks.
SELECT mpxn, 'FUEL_MISMATCH' AS rule
FROM noted
WHERE wrong_meters > 0 AND (in_flags OR network IN (SELECT network FROM networks))
