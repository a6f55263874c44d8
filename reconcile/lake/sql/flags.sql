-- The flag of every Meter Point, one row each: every network's newest full extract, nothing newer to apply.
SELECT mpxn, flag, flag_from, network, supplier, point_status, postcode_area
FROM full_flags
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
