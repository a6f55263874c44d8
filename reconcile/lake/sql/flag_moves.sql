-- What is other than the day before, of the points that both days hold: flags that changed; flags that the meters ask
-- for anew, had the flag stayed; and flags that have followed, each told on the first day that shows it.
SELECT network, supplier, flag_before, flag, asked, days_late, count(*)::BIGINT AS points
FROM (
    SELECT
        told_points.network,
        told_points.supplier,
        day_before.flag AS flag_before,
        told_points.flag,
        CASE WHEN wanted.expected <> day_before.flag AND wanted.expected <> wanted_before.expected
             THEN wanted.expected END AS asked,
        CASE WHEN told_points.followed_on IS NOT NULL
              AND (day_before.followed_on IS NULL OR told_points.changed <> day_before.changed)
             THEN date_diff('day', told_points.changed, told_points.followed_on)::INTEGER END AS days_late
    FROM told_points
    JOIN day_before ON day_before.mpxn = told_points.mpxn
    JOIN truth AS wanted
      ON wanted.flag = day_before.flag AND wanted.mask = told_points.mask AND wanted.ever = told_points.ever
    JOIN truth AS wanted_before
      ON wanted_before.flag = day_before.flag AND wanted_before.mask = day_before.mask
     AND wanted_before.ever = day_before.ever
    WHERE told_points.flag <> day_before.flag
       OR told_points.mask <> day_before.mask
       OR told_points.ever <> day_before.ever
       OR told_points.followed_on IS DISTINCT FROM day_before.followed_on
)
WHERE flag <> flag_before OR asked IS NOT NULL OR days_late IS NOT NULL
GROUP BY network, supplier, flag_before, flag, asked, days_late
