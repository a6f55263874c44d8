-- One extract of the run gave the point two different flags.
SELECT DISTINCT mpxn, 'DUPLICATE_FLAG' AS rule
FROM conflicts JOIN flags USING (mpxn)
WHERE NOT is_update
   OR (flags.network, conflicts.extract_order) IN (SELECT (network, extract_order) FROM network_updates)
