-- How many registered points there are of each kind; every number on the overview is a sum of these.
SELECT network, supplier, flag, shows, sum(points)::BIGINT AS points
FROM tallied WHERE points > 0
GROUP BY network, supplier, flag, shows
