-- Points whose only meter has been decommissioned for long, under A: the DSP holds N, and never told registration.
CREATE MACRO unsent_points() AS TABLE
SELECT i, gas, mpxn, old
FROM point
WHERE pool = 'planted'
    AND story IN (
        SELECT story FROM told_meter WHERE NOT overnight GROUP BY story
        HAVING max(slot) = 0 AND min(status) = 'Decommissioned' AND max(status) = 'Decommissioned' AND count(since) = 0
            AND count(DISTINCT day) = (SELECT max(day) FROM told_meter)
    )
    AND story IN (
        SELECT story FROM told_flag GROUP BY story
        HAVING min(flag) = 'A' AND max(flag) = 'A' AND count(flag) = (SELECT max(day) FROM told_flag) AND count(since) = 0
    )
    AND story NOT IN (SELECT story FROM told_update)
    AND story NOT IN (SELECT story FROM told_meter WHERE overnight);

-- Points of the plainest story, live under A, of which the DSP itself holds N.
CREATE MACRO misheld_points() AS TABLE
SELECT i, gas, mpxn, old
FROM point
WHERE pool = 'correct' AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0)
    AND i NOT IN (SELECT i FROM silent_meters()) AND luck // 84 % 200 <> 3
QUALIFY row_number() OVER (ORDER BY luck DESC, i) <= 1 + (SELECT max(i) FROM point) // 4000;

-- What the DSP tells of its own statuses on a day. `restated`: the bound on luck under which a healthy point is told of.
CREATE MACRO dsp_told(restated) AS TABLE
SELECT i, mpxn, 'N' AS status, old AS since, 'No' AS notified FROM unsent_points()
UNION ALL
SELECT i, mpxn, 'N', old, 'Yes' FROM misheld_points()
UNION ALL
SELECT i, mpxn, 'A', old, 'Yes' FROM point
WHERE pool = 'correct' AND luck < 5 * restated
    AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0)
    AND i NOT IN (SELECT i FROM misheld_points())
UNION ALL
SELECT i, mpxn, 'N', NULL, 'Yes' FROM gone_meters();
