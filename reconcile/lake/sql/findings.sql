-- The broken rules with their evidence. In flight: a change so young that the other side may not have caught up. Wrong
-- since: the later of the flag's date and the meters'; where one is not known it lies between two days.
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
    greatest(flag_from, latest_status_from, changed_after) AS wrong_since_earliest,
    greatest(
        flag_from,
        latest_status_from,
        changed_by,
        CASE WHEN flag <> '' AND flag_from IS NULL THEN registration_date END,
        CASE WHEN meters = 0 THEN inventory_date END
    ) AS wrong_since_latest,
    coalesce(greatest(flag_from, latest_status_from, moved_by) >= networks.in_flight_from, false) AS in_flight,
    undetermined,
    point_status,
    shows,
    in_flags AS registered,
    description,
    commissioned,
    postcode_area
FROM broken
JOIN rules ON rules.code = broken.rule
JOIN noted USING (mpxn)
LEFT JOIN networks USING (network)
LEFT JOIN undated USING (mpxn)
LEFT JOIN point_facts USING (mpxn)
LEFT JOIN kinds USING (kind)
CROSS JOIN inventory_day
