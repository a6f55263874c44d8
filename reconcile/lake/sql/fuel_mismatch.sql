-- A meter of the other fuel, at a point of the run's networks.
SELECT wrong_fuel.mpxn, 'FUEL_MISMATCH' AS rule
FROM wrong_fuel
LEFT JOIN flags USING (mpxn)
WHERE flags.mpxn IS NOT NULL
   OR wrong_fuel.mpxn >= 1000000000000 AND (wrong_fuel.mpxn // 100000000000)::VARCHAR IN (SELECT network FROM networks)
