-- Each point of the registration or the inventory, joined to its cell of the truth table. A point that only the
-- inventory knows belongs to a network if it is an MPAN: an MPRN does not tell its network.
SELECT
    point.*,
    truth.rule,
    truth.expected,
    truth.shows,
    truth.firm,
    truth.undetermined,
    point.mpxn IN (SELECT mpxn FROM asked) AS is_asked
FROM (
    SELECT
        coalesce(flags.mpxn, point_masks.mpxn) AS mpxn,
        flags.mpxn IS NOT NULL AS in_flags,
        CASE WHEN flags.mpxn IS NOT NULL THEN network
             WHEN point_masks.mpxn >= getvariable('first_mpan')
             THEN (point_masks.mpxn // (getvariable('first_mpan') // 10))::VARCHAR END AS network,
        supplier,
        point_status,
        postcode_area,
        coalesce(flag, '') AS flag,
        flag_from,
        coalesce(mask, 0) AS mask,
        coalesce(meters, 0) AS meters,
        coalesce(wrong_meters, 0) AS wrong_meters,
        coalesce(live_meters, 0) AS live_meters,
        coalesce(undated_meters, 0) AS undated_meters,
        latest_status_from,
        coalesce(flags.mpxn, point_masks.mpxn) IN (SELECT mpxn FROM seen) AS ever
    FROM flags
    FULL JOIN point_masks ON flags.mpxn = point_masks.mpxn
) AS point
JOIN truth USING (flag, mask, ever)
