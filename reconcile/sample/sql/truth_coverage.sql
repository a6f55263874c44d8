-- What must be said of each meter that waits, once the day's files are loaded and a run is made.
COPY (
    SELECT point.mpxn, supplier, point.postcode,
        CASE WHEN told.postcode IS NULL THEN 'no_data'
             WHEN is_covered(luck_of(told.postcode), told.day) THEN 'now'
             WHEN luck_of(told.postcode) < 85 THEN 'from_date'
             ELSE 'not_confirmed' END AS answer,
        CASE WHEN answer = 'from_date'
             THEN covered_from(luck_of(told.postcode), told.day, $date - 7 * ($day - told.day)) END AS from_date
    FROM point
    JOIN waiting ON waiting.story = point.story AND waiting.day = $day
    LEFT JOIN postcodes_told($day) AS told ON told.postcode = point.postcode
    WHERE pool <> 'twin'
    ORDER BY mpxn
) TO $path (FORMAT csv, HEADER true);
