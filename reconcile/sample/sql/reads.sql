-- Read responses: a line for each, of meters that answer, of some that do not, and of what speaks in their place.
COPY (
    SELECT device_id AS "Device ID", read_time AS "Read time", source AS "Source", clock AS "Clock"
    FROM reads_told($day, $date, $some) ORDER BY i, part
) TO $path (FORMAT csv, HEADER true);
