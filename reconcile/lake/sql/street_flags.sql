-- The points of electricity of those streets, as the full extracts hold them.
SELECT full_flags.*
FROM full_flags SEMI JOIN outage_streets USING (postcode)
WHERE mpxn >= getvariable('first_mpan')
