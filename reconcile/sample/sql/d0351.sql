-- What the electricity registration systems did not take: the rejections of the stories. Where the flag that was asked for
-- is the one that they hold, that is the reason; else it is one of a few.
COPY (
    WITH rejection AS (
        SELECT
            row_number() OVER (ORDER BY point.i, told.line) AS number, point.mpxn, told.flag, point.supplier,
            CASE WHEN told.flag = held.flag THEN '47' ELSE ['23', '20', '48', '56'][1 + luck % 4] END AS reason
        FROM point
        JOIN told_answer AS told ON told.story = point.story AND told.day = $day
        LEFT JOIN told_flag AS held ON held.story = point.story AND held.day = $day
        WHERE NOT point.gas AND told.outcome = 'RJ'
    ),
    line AS (
        SELECT
            number, 0 AS part, '84H|' || number || '|DC11|' || number || '|' || mpxn || '|' || $made_on || '|' || flag || '|'
                || strftime($date - 1, '%Y%m%d') || '|' || supplier || '|' AS text
        FROM rejection
        UNION ALL
        SELECT number, 1, '85H|' || reason || '|' FROM rejection
    ),
    file AS (
        SELECT -1 AS number, 0 AS part, 'ZHV|' || $file || '|D0351001|P|MPAS|Z|DCCO|' || $made || '||||OPER|' AS text
        UNION ALL
        SELECT 0, 0, '83H|' || $day || '|'
        UNION ALL
        FROM line
        UNION ALL
        SELECT 1000000000, 0, 'ZPT|' || $file || '|' || count(*) + 1 || '||1|' || $made || '|' FROM line
    )
    SELECT text FROM file ORDER BY number, part
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
