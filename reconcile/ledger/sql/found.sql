-- What the run found, in the ledger's terms: parties by id, and a checksum of the evidence.
SELECT
    finding.id, mpxn, rule, severity, flag, flag_from, expected, mask, meters, latest_status_from,
    wrong_since_earliest, wrong_since_latest, in_flight, undetermined, coalesce(point_status, '') AS point_status, shows,
    network.id AS network_id,
    supplier.id AS supplier_id,
    network.code AS network_code,
    supplier.code AS supplier_code,
    (hash(
        severity, flag, flag_from, expected, mask, meters, latest_status_from, wrong_since_earliest, wrong_since_latest,
        in_flight, undetermined, point_status, network.id, supplier.id
    ) >> 1)::BIGINT AS fingerprint
FROM findings AS finding
JOIN parties AS network ON network.kind = 'network' AND network.code = finding.network
LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = finding.supplier
