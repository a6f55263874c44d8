-- The street whose supply is off in the first storm: eight of the points that alert in it, and the next two of their area,
-- from which no alert ever comes. Nobody else has its postcode.
CREATE TABLE street_points AS
SELECT i, mpxn, area, rank_in_area > 8 AS is_quiet
FROM storm_points
WHERE place = 1 AND (rank_in_area <= 8 OR rank_in_area IN (13, 14));

UPDATE point SET postcode = regexp_extract(postcode, '^[A-Z]+') || '20 1AA'
WHERE i IN (SELECT i FROM street_points);

-- Those that are found quiet, once the week with the storm is told.
CREATE MACRO quiet_points(on_day) AS TABLE
SELECT mpxn FROM street_points WHERE is_quiet AND on_day = (SELECT max(day) FROM told_meter);
