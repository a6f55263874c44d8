-- What the run found, in the ledger's terms: parties by id, and a checksum of the evidence. What is open already was
-- wrong by the day that an earlier run gave it, unless the evidence itself is younger.
SELECT
    *,
    (hash(
        severity, flag, flag_from, expected, mask, meters, latest_status_from, wrong_since_earliest, wrong_since_latest,
        in_flight, undetermined, point_status, network_id, supplier_id, kind_id, commissioned, postcode_area, registered
    ) >> 1)::BIGINT AS fingerprint
FROM (
    SELECT
        finding.id, finding.mpxn, finding.rule, severity, finding.flag, flag_from, expected, finding.mask, meters,
        latest_status_from, wrong_since_earliest,
        CASE WHEN before.resolved_on IS NULL
              AND before.wrong_since_latest >= coalesce(wrong_since_earliest, before.wrong_since_latest)
             THEN least(finding.wrong_since_latest, before.wrong_since_latest)
             ELSE finding.wrong_since_latest END AS wrong_since_latest,
        finding.in_flight, undetermined, coalesce(point_status, '') AS point_status, shows,
        kinds.id AS kind_id, commissioned, coalesce(postcode_area, '') AS postcode_area, registered,
        network.id AS network_id,
        supplier.id AS supplier_id,
        network.code AS network_code,
        supplier.code AS supplier_code
    FROM findings AS finding
    JOIN parties AS network ON network.kind = 'network' AND network.code = finding.network
    LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = finding.supplier
    LEFT JOIN kinds ON kinds.description = finding.description
    LEFT JOIN before ON before.id = finding.id
)
