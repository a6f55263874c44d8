-- Points of electricity that broke one of these rules alone, and the same, a week before too.
CREATE MACRO steadily_wrong(on_day) AS TABLE
SELECT mpxn, any_value(rule) AS rule
FROM truths(on_day) AS now
WHERE mpxn > 1000000000000 AND mpxn IN (
    SELECT mpxn FROM truths(greatest(on_day - 1, 1)) WHERE rule IN ('A_SUSPENDED', 'A_NO_METER', 'A_NOT_COMMISSIONED')
        AND in_flight = 'no'
)
GROUP BY mpxn
HAVING count(*) = 1 AND max(in_flight) = 'no' AND any_value(rule) IN ('A_SUSPENDED', 'A_NO_METER', 'A_NOT_COMMISSIONED')
ORDER BY hash(mpxn) LIMIT 12;

-- The alerts of the week before a day, each with what must be said of it. Storms come in the last week alone.
CREATE MACRO alerts_told(on_day, the_day) AS TABLE
WITH is_last AS (SELECT on_day = max(day) AS last FROM told_meter),
told AS (
    SELECT 'AD1' AS code, NULL::VARCHAR AS device_id, mpxn, the_day - INTERVAL 1 DAY + INTERVAL 9 HOUR AS sent_at,
        'no' AS verdict, 'ghost' AS triaged, '' AS storm
    FROM alerting_gone
    UNION ALL
    SELECT '8002', device_id, mpxn, the_day - INTERVAL 1 DAY + INTERVAL 10 HOUR, 'yes', 'moved', '' FROM misplaced
    UNION ALL
    SELECT 'AD1', NULL, mpxn, the_day - INTERVAL 4 DAY + INTERVAL 14 HOUR + to_seconds(20 * rank_in_area), 'yes', 'act', 'area'
    FROM storm_points, is_last WHERE last AND place = 1 AND rank_in_area <= 12
    UNION ALL
    SELECT '8F36', device_id, NULL, the_day - INTERVAL 4 DAY + INTERVAL 15 HOUR + to_seconds(20 * rank_in_area), 'yes', 'act',
        'area'
    FROM storm_points, is_last WHERE last AND place = 1 AND rank_in_area <= 12
    UNION ALL
    SELECT 'AD1', NULL, mpxn, the_day - INTERVAL 2 DAY + INTERVAL 3 HOUR + to_seconds(30 * rank_in_area), 'yes', 'act', 'area'
    FROM storm_points, is_last WHERE last AND place = 2 AND rank_in_area <= 8
    UNION ALL
    SELECT 'AD1', NULL, mpxn, the_day - INTERVAL 2 DAY + INTERVAL 90 MINUTE + to_minutes(20 * (row_number() OVER (ORDER BY luck, i))),
        'yes', 'act', 'firmware'
    FROM updated_points, is_last WHERE last
    UNION ALL
    SELECT 'N24', NULL, mpan_of('10', (SELECT max(i) + 7 FROM point)), the_day - INTERVAL 3 DAY + INTERVAL 8 HOUR,
        'unknown', 'unknown_point', ''
    FROM is_last WHERE last
    UNION ALL
    SELECT '8020', NULL, mpxn, the_day - INTERVAL 3 DAY + to_minutes(30 * (row_number() OVER (ORDER BY mpxn))),
        CASE WHEN rule = 'A_NO_METER' THEN 'no' ELSE 'unlikely' END,
        CASE rule WHEN 'A_SUSPENDED' THEN 'impaired' WHEN 'A_NO_METER' THEN 'ghost' ELSE 'not_commissioned' END, ''
    FROM steadily_wrong(on_day), is_last WHERE last
)
SELECT * FROM told;
