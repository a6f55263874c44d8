-- The flags that the overnight files of a day tell: the changes, and a few that are said once more as they stand. One of
-- electricity is told by a D0350, or by one of the flows that tell a supplier.
CREATE MACRO updates_told(on_day, restated) AS TABLE
SELECT
    *, CASE WHEN gas THEN 'dxi' ELSE ['d0350', 'd0350', 'd0213', 'd0217', 'd0089'][1 + luck % 5] END AS teller
FROM (
    SELECT
        point.i, point.gas, point.mpxn, point.supplier, point.luck, told.flag,
        told_on(told.since, told.since_back, point.old) AS since
    FROM point JOIN told_update AS told ON told.story = point.story AND told.day = on_day
    UNION ALL
    SELECT
        point.i, point.gas, point.mpxn, point.supplier, point.luck, told.flag,
        told_on(told.since, told.since_back, point.old)
    FROM point JOIN told_flag AS told ON told.story = point.story AND told.day = on_day
    WHERE point.pool = 'correct' AND told.flag IS NOT NULL AND (luck + on_day * 7919) % 100000 < restated
        AND point.story NOT IN (SELECT story FROM told_update WHERE day = on_day)
);
