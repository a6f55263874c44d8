-- The run as a file for ever: what it found, with the state it gave each. Columns of the discrepancy CSV.
SELECT
    found.id, found.mpxn, found.rule, severity, network_code AS network, supplier_code AS supplier, found.flag,
    flag_from, expected, found.mask, meters, latest_status_from, wrong_since_earliest,
    found.wrong_since_latest, found.in_flight,
    undetermined, point_status, kind_id, commissioned, postcode_area, registered, state_after AS state,
    coalesce(before.first_seen, getvariable('run_date')) AS first_seen
FROM found
JOIN transitions USING (id)
LEFT JOIN before USING (id)
ORDER BY found.id
