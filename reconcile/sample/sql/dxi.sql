-- The DCC Status File to the gas registration system: A00, E45 for each update, Z99 with their number.
COPY (
    WITH line AS (
        SELECT
            row_number() OVER (ORDER BY i) AS number,
            '"E45",' || mpxn || ',"' || flag || '",'
                || strftime(since, '%Y%m%d') AS text
        FROM updates_told($day, $some)
        WHERE gas
    ),
    file AS (
        SELECT 0 AS number, '"A00",1234,"DXI",' || $made_on || ',"' || $made_at || '",' || $day AS text
        UNION ALL
        FROM line
        UNION ALL
        SELECT count(*) + 1, '"Z99",' || count(*) FROM line
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
