-- The counts of all registered points, and in the same pass the few points of each group that a rule or an open
-- discrepancy asks about: only those are ever written down.
SELECT
    network,
    supplier,
    flag,
    shows,
    mask,
    ever,
    rule,
    changed,
    followed_on,
    count(*) FILTER (WHERE in_flags) AS points,
    sum(meters + wrong_meters)::BIGINT AS meters,
    list({
        mpxn: mpxn, in_flags: in_flags, flag_from: flag_from, meters: meters, wrong_meters: wrong_meters,
        live_meters: live_meters, latest_status_from: latest_status_from, undated_meters: undated_meters,
        expected: expected, firm: firm, undetermined: undetermined, point_status: point_status,
        postcode_area: postcode_area
    }) FILTER (WHERE rule IS NOT NULL OR NOT in_flags OR wrong_meters > 0 OR live_meters > 1 OR is_asked) AS noted
FROM followed
GROUP BY network, supplier, flag, shows, mask, ever, rule, changed, followed_on
