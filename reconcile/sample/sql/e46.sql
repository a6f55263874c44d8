-- The gas registration system's answers: the updates of the DXI of the day accepted, and the answers of the stories.
COPY (
    WITH answer AS (
        SELECT i, 0 AS part, mpxn, 'AC' AS outcome, flag, since
        FROM updates_told($day, $some)
        WHERE gas
        UNION ALL
        SELECT point.i, 1 + told.line, point.mpxn, told.outcome, told.flag, $date - 1
        FROM point
        JOIN told_answer AS told ON told.story = point.story AND told.day = $day
        WHERE point.gas
    ),
    line AS (
        SELECT
            row_number() OVER (ORDER BY i, part) AS number,
            '"E46","' || outcome || '",' || mpxn || ',"' || flag || '",' || strftime(since, '%Y%m%d') AS text
        FROM answer
    ),
    file AS (
        SELECT 0 AS number, '"A00",4321,"E46",' || $made_on || ',"' || $made_at || '",' || $day AS text
        UNION ALL
        FROM line
        UNION ALL
        SELECT count(*) + 1, '"Z99",' || count(*) FROM line
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
