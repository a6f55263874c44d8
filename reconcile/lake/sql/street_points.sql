-- The points of those streets with the flag in force.
SELECT mpxn, postcode, street_flags_now.flag
FROM street_flags JOIN street_flags_now USING (mpxn)
