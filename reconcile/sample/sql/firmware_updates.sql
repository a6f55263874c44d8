-- The plan of the one update of firmware, in the hours of the last day but two.
COPY (
    SELECT 'Cedar Devices' AS "Manufacturer", NULL AS "Model", '02.10' AS "Firmware version",
        strftime($date - INTERVAL 2 DAY + INTERVAL 1 HOUR, '%Y-%m-%dT%H:%M:%SZ') AS "Starts",
        strftime($date - INTERVAL 2 DAY + INTERVAL 5 HOUR, '%Y-%m-%dT%H:%M:%SZ') AS "Ends"
    WHERE $day > 0
) TO $path (FORMAT csv, HEADER true);
