-- Of a hundred postcodes so many have coverage, more from week to week; a few of them are said to have it with a date too.
CREATE MACRO luck_of(postcode) AS hash(postcode, getvariable('seed'), 9) % 100;
CREATE MACRO is_covered(luck, on_day) AS luck < 30 + 5 * on_day;
CREATE MACRO covered_from(luck, on_day, on_date) AS
    CASE WHEN luck < 2 THEN on_date + 30
         WHEN NOT is_covered(luck, on_day) AND luck < 85 THEN on_date + 60 + luck::INTEGER END;

-- The postcodes that were ever told, with the last day on which they were. Of a few postcodes nothing is ever told.
CREATE MACRO postcodes_told(on_day) AS TABLE
SELECT postcode, max(told.day) AS day
FROM point JOIN told_meter AS told ON told.story = point.story
WHERE told.status = 'InstalledNotCommissioned' AND NOT told.overnight AND told.day <= on_day AND pool <> 'twin'
    AND luck_of(postcode) < 95
GROUP BY postcode;
