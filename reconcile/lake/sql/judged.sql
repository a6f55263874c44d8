-- Each point of the registration or the inventory, joined to its cell of the truth table. A point that only the
-- inventory knows belongs to a network if it is an MPAN: an MPRN does not tell its network.
SELECT
    point.mpxn,
    in_flags,
    point.network,
    supplier,
    point.flag,
    flag_from,
    point.mask,
    meters,
    wrong_meters,
    live_meters,
    latest_status_from,
    truth.rule,
    truth.expected,
    truth.shows,
    coalesce(greatest(flag_from, latest_status_from) >= networks.in_flight_from, false) AS in_flight
FROM (
    SELECT
        coalesce(flags.mpxn, point_masks.mpxn) AS mpxn,
        flags.mpxn IS NOT NULL AS in_flags,
        coalesce(flags.network, (point_masks.mpxn // 100000000000)::VARCHAR) AS network,
        supplier,
        coalesce(flag, '') AS flag,
        flag_from,
        coalesce(mask, 0) AS mask,
        coalesce(meters, 0) AS meters,
        coalesce(wrong_meters, 0) AS wrong_meters,
        coalesce(live_meters, 0) AS live_meters,
        latest_status_from,
        coalesce(flags.mpxn, point_masks.mpxn) IN (SELECT mpxn FROM seen) AS ever
    FROM flags
    FULL JOIN point_masks ON flags.mpxn = point_masks.mpxn
) AS point
JOIN truth USING (flag, mask, ever)
LEFT JOIN networks USING (network)
WHERE in_flags OR point.mpxn >= 1000000000000
