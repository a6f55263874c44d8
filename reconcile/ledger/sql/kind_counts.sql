-- The registered Meter Points with a smart meter, in the ledger's terms. A description that nobody gave has no kind.
SELECT network.id AS network_id, supplier.id AS supplier_id, kinds.id AS kind_id, sum(points)::BIGINT AS points
FROM judged_kinds AS counts
JOIN parties AS network ON network.kind = 'network' AND network.code = counts.network
LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = counts.supplier
LEFT JOIN kinds ON kinds.description = counts.description
GROUP BY ALL
ORDER BY ALL
