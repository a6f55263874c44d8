-- WAN coverage by postcode, which grows from day to day; of the postcodes with a meter that waits, a few are not in it.
COPY (
    SELECT
        postcode AS "Postcode",
        if(luck < 30 + 5 * $day, 'true', 'false') AS "Coverage availability",
        CASE WHEN luck < 2 THEN $date + 30 WHEN luck BETWEEN 30 + 5 * $day AND 84 THEN $date + 60 + luck::INTEGER END
            AS "Anticipated coverage date",
        ['North', 'Central', 'South'][1 + (luck % 3)::INTEGER] AS "CSP region",
        if(luck % 3 = 0, 'Long Range Radio', 'Cellular') AS "WAN technology",
        ['High', 'Medium', 'Low'][1 + (luck % 3)::INTEGER] AS "Connectivity likelihood",
        if(luck % 7 = 0, 'Aerial', '') AS "Auxiliary equipment required"
    FROM (
        SELECT DISTINCT postcode, hash(postcode, getvariable('seed'), 9) % 100 AS luck
        FROM meters_told($day, false) WHERE status = 'InstalledNotCommissioned'
    )
    WHERE luck < 95
    ORDER BY postcode
) TO $path (FORMAT csv, HEADER true);
