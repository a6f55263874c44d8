-- D0312 from the electricity registration systems: an MPAN, and the meter that they hold for it.
COPY (
    WITH meter AS (
        SELECT row_number() OVER (ORDER BY i) AS number, * FROM registered_meters($day, $some)
    ),
    line AS (
        SELECT number, 0 AS part, '11D|' || mpxn || '|' AS text FROM meter
        UNION ALL
        SELECT number, 1, '12D|E' || lpad(i::VARCHAR, 9, '0') || '|S2A|MAPX|' || strftime(old, '%Y%m%d') || '||' || device_id || '|5|'
        FROM meter
        UNION ALL
        SELECT number, 2, '76M|MOPX|' FROM meter
    ),
    file AS (
        SELECT 0 AS number, 0 AS part, 'ZHV|' || $file || '|D0312003|P|MPAS|X|' || $to || '|' || $made || '||||OPER|' AS text
        UNION ALL
        FROM line
        UNION ALL
        SELECT 1000000000, 0, 'ZPT|' || $file || '|' || count(*) || '||1|' || $made || '|' FROM line
    )
    SELECT text FROM file ORDER BY number, part
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
