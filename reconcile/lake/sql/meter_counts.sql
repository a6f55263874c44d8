-- How many smart meters are associated with the slice's Meter Points.
SELECT count(*) AS meters FROM associations
