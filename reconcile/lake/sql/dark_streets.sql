-- The streets whose supply was off: at some moment enough points, and more than half of those under A, had told of an
-- outage within the minutes before. On which day, the last time. `proven`: without what a planned update explains.
-- Each point counts from an alert until those minutes have passed since its last, so one pass over beginnings and ends
-- counts them, however many alerts there are.
WITH told AS (
    SELECT true AS proven, outages.*
    FROM outages
    ANTI JOIN planned_outages AS planned ON planned.mpxn = outages.mpxn AND planned.sent_at = outages.sent_at
    UNION ALL
    SELECT false AS proven, outages.* FROM outages
),
stretches AS (
    SELECT
        proven,
        postcode,
        sent_at,
        stands_until,
        CASE WHEN flag = 'A' THEN 1 ELSE 0 END AS active,
        coalesce(
            max(stands_until) OVER (
                PARTITION BY proven, mpxn ORDER BY sent_at ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING
            ) < sent_at,
            true
        ) AS begins,
        coalesce(
            min(sent_at) OVER (
                PARTITION BY proven, mpxn ORDER BY sent_at ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING
            ) > stands_until,
            true
        ) AS ends
    FROM told JOIN street_points USING (mpxn)
),
turns AS (
    SELECT proven, postcode, sent_at AS moment, false AS is_end, 1 AS points, active FROM stretches WHERE begins
    UNION ALL
    SELECT proven, postcode, stands_until AS moment, true AS is_end, -1 AS points, -active AS active
    FROM stretches WHERE ends
),
counted AS (
    SELECT
        proven,
        postcode,
        moment,
        is_end,
        sum(points) OVER (PARTITION BY proven, postcode ORDER BY moment, is_end) AS points,
        sum(active) OVER (PARTITION BY proven, postcode ORDER BY moment, is_end) AS active
    FROM turns
),
streets AS (
    SELECT postcode, count(*) AS active FROM street_points WHERE flag = 'A' GROUP BY postcode
)
SELECT proven, counted.postcode, CAST(max(moment) AS DATE) AS outage_on
FROM counted JOIN streets ON streets.postcode = counted.postcode
WHERE NOT is_end AND points >= getvariable('street_points') AND counted.active * 2 > streets.active
GROUP BY proven, counted.postcode
