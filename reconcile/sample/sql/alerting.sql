-- Plain Meter Points, live under A, of electricity: whoever speaks there is heard, and breaks no rule by it.
CREATE MACRO plain_points() AS TABLE
SELECT
    i, mpxn, area, maker, luck, device_of(i, 0, maker) AS device_id,
    row_number() OVER (ORDER BY luck, i) AS rank,
    row_number() OVER (PARTITION BY area ORDER BY luck, i) AS rank_in_area,
    count(*) OVER (PARTITION BY area) AS points_in_area
FROM point
WHERE pool = 'correct' AND NOT gas AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0)
    AND i NOT IN (SELECT i FROM silent_meters());

-- Points under N whose only meter has been decommissioned for long, and that alerts come from all the same.
CREATE TABLE alerting_gone AS
SELECT i, mpxn, gas
FROM gone_meters() ANTI JOIN heard_meters() USING (i)
QUALIFY row_number() OVER (ORDER BY luck, i) <= 2 + (SELECT max(i) FROM point) // 4000;

-- A meter that alerts place at the next plain point of its area, where the inventory does not have it.
CREATE TABLE misplaced AS
SELECT one.device_id, other.mpxn
FROM plain_points() AS one
JOIN plain_points() AS other ON other.area = one.area AND other.rank_in_area = one.rank_in_area + 1
WHERE one.rank_in_area = 1 AND one.area = (SELECT max(area) FROM plain_points() WHERE points_in_area > 1);

-- The areas by the number of their plain points: storms come over the first two, an update of firmware over the third.
CREATE TABLE stormy AS
SELECT area, row_number() OVER (ORDER BY count(*) DESC, area) AS place
FROM plain_points() WHERE area <> (SELECT max(area) FROM plain_points() WHERE points_in_area > 1) GROUP BY area;

-- Those over whom a storm may come: the first of their areas.
CREATE TABLE storm_points AS
SELECT i, mpxn, area, device_id, place, rank_in_area FROM plain_points() JOIN stormy USING (area)
WHERE place <= 2 AND rank_in_area <= 14;

-- Who is updated, and in which hours of the last day but two.
CREATE TABLE updated_points AS
SELECT * FROM plain_points() JOIN stormy USING (area)
WHERE place = 3 AND maker = 3 AND luck % 4 = 2
QUALIFY row_number() OVER (ORDER BY luck, i) <= 6;
