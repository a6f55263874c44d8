-- Which updates apply to which network: those with a point of its full extract, dated on that extract's day or later.
SELECT DISTINCT full_flags.network, flag_updates.extract_order, flag_updates.as_of
FROM flag_updates
JOIN full_flags USING (mpxn)
JOIN full_extracts ON full_extracts.network = full_flags.network AND flag_updates.as_of >= full_extracts.as_of
