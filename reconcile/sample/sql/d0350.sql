-- D0350 to the electricity registration systems: ZHV, a line for each update, ZPT with their number.
-- The layout of the line is assumed: it is not public.
COPY (
    WITH line AS (
        SELECT
            row_number() OVER (ORDER BY i) AS number,
            '350|' || number || '|DC01|' || mpxn || '|' || flag || '|'
                || strftime(since, '%Y%m%d') || '|' AS text
        FROM updates_told($day, $some)
        WHERE NOT gas
    ),
    file AS (
        SELECT 0 AS number, 'ZHV|' || $file || '|D0350001|Z|DCCO|P||' || $made || '||||OPER|' AS text
        UNION ALL
        FROM line
        UNION ALL
        SELECT count(*) + 1, 'ZPT|' || $file || '|' || count(*) || '||1|' || $made || '|' FROM line
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
