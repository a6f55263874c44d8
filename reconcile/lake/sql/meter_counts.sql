-- How many smart meters are associated with the slice's Meter Points.
SELECT coalesce(sum(meters), 0)::BIGINT AS meters FROM tallied
