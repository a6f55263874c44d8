-- The points that a rule or an open discrepancy asks about.
SELECT network, supplier, flag, shows, mask, ever, point.*
FROM (SELECT network, supplier, flag, shows, mask, ever, unnest(noted) AS point FROM tallied)
