-- The registered Meter Points by postcode area and month of commissioning, in the ledger's terms.
SELECT
    network.id AS network_id, supplier.id AS supplier_id, postcode_area, commissioned_month,
    sum(points)::BIGINT AS points
FROM judged_places AS counts
JOIN parties AS network ON network.kind = 'network' AND network.code = counts.network
LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = counts.supplier
GROUP BY ALL
ORDER BY ALL
