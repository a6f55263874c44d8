-- The broken rules with their evidence. In flight: a change so young that the other side may not have caught up.
SELECT
    mpxn * getvariable('identity_base') + rules.number AS id,
    mpxn,
    broken.rule,
    rules.severity,
    network,
    supplier,
    flag,
    flag_from,
    expected,
    mask,
    meters,
    latest_status_from,
    coalesce(greatest(flag_from, latest_status_from) >= networks.in_flight_from, false) AS in_flight,
    shows
FROM broken
JOIN rules ON rules.code = broken.rule
JOIN noted USING (mpxn)
LEFT JOIN networks USING (network)
