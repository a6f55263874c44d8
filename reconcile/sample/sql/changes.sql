-- D0213, D0217 or D0089 to the suppliers: a line for each change, its flag and date at the places of that flow. A few
-- changes of points without a flag do not speak of it.
COPY (
    WITH change AS (
        SELECT i, mpxn, flag, strftime(since, '%Y%m%d') AS since FROM updates_told($day, $some) WHERE teller = $teller
        UNION ALL
        SELECT point.i, point.mpxn, '', ''
        FROM point JOIN told_flag AS told ON told.story = point.story AND told.day = $day
        WHERE NOT point.gas AND told.flag IS NULL AND point.pool = 'correct' AND (luck + $day * 7919) % 100000 < $some
    ),
    line AS (
        SELECT
            row_number() OVER (ORDER BY i) AS number,
            $record || '|' || number || '|MP' || '|' || mpxn || '|' || $made_on || '|'
                || array_to_string([
                    CASE place WHEN $energisation_at THEN 'E' WHEN $flag_at THEN flag WHEN $flag_at + 1 THEN since ELSE '' END
                    FOR place IN range(5, $items + 1)
                ], '|') || '|' AS text
        FROM change
    ),
    file AS (
        SELECT -1 AS number, 'ZHV|' || $file || '|' || $flow || '|P|MPAS|X|DCCO|' || $made || '||||OPER|' AS text
        UNION ALL
        SELECT 0, $root || '|' || $day || '|'
        UNION ALL
        FROM line
        UNION ALL
        SELECT count(*) + 1, 'ZPT|' || $file || '|' || count(*) + 1 || '||1|' || $made || '|' FROM line
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
