-- Points of the plainest story, whose meter registration mistakes for the neighbour's; told on the first day, for good.
CREATE MACRO mistaken_meters() AS TABLE
SELECT i, mpxn, old, device_of(i + 1, 0, maker) AS device_id
FROM point
WHERE NOT gas AND pool = 'correct' AND luck // 84 % 200 = 3
    AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0);

-- The meters that registration holds, of points whose meter stays what it is; now and then nobody knows its identifier.
CREATE MACRO registered_meters(on_day, restated) AS TABLE
SELECT
    point.i, point.mpxn, point.old,
    CASE WHEN luck % 9 = 0 THEN '00-00-00-00-00-00-00-00' ELSE device_of(point.i, 0, point.maker) END AS device_id
FROM point
WHERE NOT point.gas AND point.pool = 'correct' AND (luck + on_day * 7919) % 100000 < 5 * restated
    AND point.i NOT IN (SELECT i FROM mistaken_meters())
    AND point.story IN (
        SELECT story FROM told_meter WHERE slot = 0 AND NOT overnight
        GROUP BY story HAVING count(DISTINCT day) = (SELECT max(day) FROM told_meter)
    )
UNION ALL
SELECT i, mpxn, old, device_id FROM mistaken_meters() WHERE on_day = 1;
