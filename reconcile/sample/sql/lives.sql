-- Points of the plainest story whose meter falls silent: of a few that have been commissioned for long enough.
CREATE MACRO silent_meters() AS TABLE
SELECT i, gas, mpxn, device_of(i, 0, maker) AS device_id
FROM point
WHERE pool = 'correct' AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0)
    AND old < getvariable('first_day') - 90 AND luck // 84 % 200 <> 3
QUALIFY row_number() OVER (ORDER BY luck, i) <= 2 + (SELECT max(i) FROM point) // 4000;

-- Points whose only meter has been decommissioned for long, under N.
CREATE MACRO gone_meters() AS TABLE
SELECT i, gas, mpxn, luck, maker
FROM point
WHERE pool = 'correct'
    AND story IN (
        SELECT story FROM told_meter WHERE NOT overnight GROUP BY story
        HAVING max(slot) = 0 AND min(status) = 'Decommissioned' AND max(status) = 'Decommissioned' AND count(since) = 0
            AND count(DISTINCT day) = (SELECT max(day) FROM told_meter)
    )
    AND story IN (
        SELECT story FROM told_flag GROUP BY story
        HAVING min(flag) = 'N' AND max(flag) = 'N' AND count(flag) = (SELECT max(day) FROM told_flag) AND count(since) = 0
    );

-- Some of them, which are heard all the same.
CREATE MACRO heard_meters() AS TABLE
SELECT i, gas, mpxn, device_of(i, 0, maker) AS device_id
FROM gone_meters()
QUALIFY row_number() OVER (ORDER BY luck, i) <= 2 + (SELECT max(i) FROM point) // 4000;


-- The read responses of a day. Silent meters spoke for themselves long before the first day, and never since: only a gas
-- proxy, or a clock that is not reliable, goes on. `some`: the bound on luck under which a healthy meter is read.
CREATE MACRO reads_told(on_day, the_day, restated) AS TABLE
SELECT i, 0 AS part, device_id, strftime(getvariable('first_day') - 60, '%Y-%m-%dT02:15:00Z') AS read_time,
    if(gas, 'GSME', 'ESME') AS source, 'reliable' AS clock
FROM silent_meters() WHERE on_day = 1
UNION ALL
SELECT i, 1, device_id, strftime(the_day - 1, '%Y-%m-%dT03:30:00Z'),
    CASE WHEN gas THEN 'GPF' ELSE 'ESME' END,
    CASE WHEN gas THEN 'reliable' WHEN i % 2 = 0 THEN 'unreliable' ELSE 'invalid' END
FROM silent_meters()
UNION ALL
SELECT i, 0, device_id, strftime(the_day - 1, '%Y-%m-%dT04:00:00Z'), if(gas, 'GSME', 'ESME'), 'reliable'
FROM heard_meters()
UNION ALL
SELECT point.i, part, device_of(point.i, 0, point.maker), strftime(the_day - 1 - part, '%Y-%m-%dT05:45:00Z'),
    CASE WHEN NOT gas THEN 'ESME' WHEN part = 0 THEN 'GSME' ELSE 'GPF' END, 'reliable'
FROM point CROSS JOIN (VALUES (0), (1)) AS twice(part)
WHERE pool = 'correct' AND luck < 5 * restated
    AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0)
    AND i NOT IN (SELECT i FROM silent_meters());
