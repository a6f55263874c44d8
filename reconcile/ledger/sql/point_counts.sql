-- The registered Meter Points of the run, in the ledger's terms: parties by id.
SELECT network.id AS network_id, supplier.id AS supplier_id, flag, shows, sum(points)::BIGINT AS points
FROM judged_points AS counts
JOIN parties AS network ON network.kind = 'network' AND network.code = counts.network
LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = counts.supplier
GROUP BY ALL
