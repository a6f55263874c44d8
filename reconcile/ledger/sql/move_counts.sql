-- What moved the number of mismatches, by the parties of each after this run and before it.
SELECT
    coalesce(found.network_id, before.network_id) AS network_id,
    if(found.id IS NULL, before.supplier_id, found.supplier_id) AS supplier_id,
    coalesce(before.network_id, found.network_id) AS from_network_id,
    if(before.id IS NULL, found.supplier_id, before.supplier_id) AS from_supplier_id,
    coalesce(found.rule, before.rule) AS rule,
    move,
    count(*) AS discrepancies
FROM transitions
LEFT JOIN found USING (id)
LEFT JOIN before USING (id)
WHERE move IS NOT NULL
GROUP BY ALL
