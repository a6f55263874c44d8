-- The broken rules with their evidence. A point known only by a meter of the other fuel has no row in judged: for
-- the flag it is a point without a smart meter.
SELECT
    broken.mpxn * 100 + rules.number AS id,
    broken.mpxn,
    broken.rule,
    rules.severity,
    coalesce(judged.network, (broken.mpxn // 100000000000)::VARCHAR) AS network,
    judged.supplier,
    coalesce(judged.flag, '') AS flag,
    judged.flag_from,
    coalesce(judged.expected, '') AS expected,
    coalesce(judged.mask, 0) AS mask,
    coalesce(judged.meters, 0) AS meters,
    judged.latest_status_from,
    coalesce(judged.in_flight, false) AS in_flight,
    coalesce(judged.shows, 'no_meter') AS shows
FROM broken
JOIN rules ON rules.code = broken.rule
LEFT JOIN judged ON judged.mpxn = broken.mpxn
