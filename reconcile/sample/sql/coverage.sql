-- WAN coverage of the postcodes with a meter that waits.
COPY (
    SELECT
        postcode AS "Postcode",
        if(is_covered(luck, $day), 'true', 'false') AS "Coverage availability",
        covered_from(luck, $day, $date) AS "Anticipated coverage date",
        ['North', 'Central', 'South'][1 + (luck % 3)::INTEGER] AS "CSP region",
        if(luck % 3 = 0, 'Long Range Radio', 'Cellular') AS "WAN technology",
        ['High', 'Medium', 'Low'][1 + (luck % 3)::INTEGER] AS "Connectivity likelihood",
        if(luck % 7 = 0, 'Aerial', '') AS "Auxiliary equipment required"
    FROM (SELECT postcode, luck_of(postcode) AS luck FROM postcodes_told($day) WHERE day = $day)
    ORDER BY postcode
) TO $path (FORMAT csv, HEADER true);
