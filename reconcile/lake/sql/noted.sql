-- The points that a rule or an open discrepancy asks about.
SELECT network, supplier, flag, shows, point.*
FROM (SELECT network, supplier, flag, shows, unnest(noted) AS point FROM tallied)
