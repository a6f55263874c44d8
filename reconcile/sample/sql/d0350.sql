-- D0350 to the electricity registration systems: ZHV, the file's sequence number, a line for each update, ZPT with the
-- number of lines between. The supplier is the one that asked for the change.
COPY (
    WITH line AS (
        SELECT
            row_number() OVER (ORDER BY i) AS number,
            '82H|' || number || '|DC01|' || mpxn || '|' || flag || '|'
                || strftime(since, '%Y%m%d') || '|' || supplier || '|' AS text
        FROM updates_told($day, $some)
        WHERE teller = 'd0350'
    ),
    file AS (
        SELECT -1 AS number, 'ZHV|' || $file || '|D0350001|Z|DCCO|P||' || $made || '||||OPER|' AS text
        UNION ALL
        SELECT 0, '81H|' || $day || '|'
        UNION ALL
        FROM line
        UNION ALL
        SELECT count(*) + 1, 'ZPT|' || $file || '|' || count(*) + 1 || '||1|' || $made || '|' FROM line
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
