-- The counts of all registered points, and in the same pass the few points of each group that a rule or an open
-- discrepancy asks about: only those are ever written down. The points are counted three ways at once: by what they
-- show, by the kind of their meter, and by where and when it was commissioned.
SELECT
    network,
    supplier,
    flag,
    shows,
    kind,
    postcode_area,
    commissioned_month,
    grouping(shows) = 0 AS by_what_shows,
    grouping(kind) = 0 AS by_kind,
    grouping(postcode_area) = 0 AS by_place,
    count(*) FILTER (WHERE in_flags) AS points,
    sum(meters + wrong_meters)::BIGINT AS meters,
    list({
        mpxn: mpxn, in_flags: in_flags, flag_from: flag_from, mask: mask, meters: meters, wrong_meters: wrong_meters,
        live_meters: live_meters, latest_status_from: latest_status_from, undated_meters: undated_meters, rule: rule,
        expected: expected, firm: firm, undetermined: undetermined, point_status: point_status, kind: kind,
        commissioned: commissioned, postcode_area: postcode_area
    }) FILTER (WHERE rule IS NOT NULL OR NOT in_flags OR wrong_meters > 0 OR live_meters > 1 OR is_asked) AS noted
FROM (SELECT *, (year(commissioned) * 12 + month(commissioned) - 1)::INTEGER AS commissioned_month FROM judged)
GROUP BY GROUPING SETS (
    (network, supplier, flag, shows), (network, supplier, kind), (network, supplier, postcode_area, commissioned_month)
)
