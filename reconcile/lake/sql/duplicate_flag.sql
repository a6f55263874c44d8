-- One extract of the run gave the point two different flags.
SELECT DISTINCT mpxn, 'DUPLICATE_FLAG' AS rule
FROM conflicts JOIN noted USING (mpxn)
WHERE in_flags
  AND (NOT is_update OR (noted.network, conflicts.extract_order) IN (SELECT (network, extract_order) FROM network_updates))
