-- The broken rules with their evidence.
SELECT
    mpxn * 100 + rules.number AS id,
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
    in_flight,
    shows
FROM broken
JOIN rules ON rules.code = broken.rule
JOIN judged USING (mpxn)
