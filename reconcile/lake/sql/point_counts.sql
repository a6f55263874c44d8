-- How many registered points there are of each kind; every number on the overview is a sum of these.
SELECT network, supplier, flag, shows, count(*) AS points
FROM judged
WHERE in_flags
GROUP BY network, supplier, flag, shows
