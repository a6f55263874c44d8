-- One extract of the run gave the point two different flags. An update counts where it applies to the point's network.
SELECT DISTINCT mpxn, 'DUPLICATE_FLAG' AS rule
FROM conflicts
JOIN noted USING (mpxn)
LEFT JOIN network_updates AS applied
  ON applied.network = noted.network AND applied.extract_order = conflicts.extract_order
WHERE in_flags AND (NOT is_update OR applied.network IS NOT NULL)
