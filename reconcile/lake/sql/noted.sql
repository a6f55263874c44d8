-- The points that a rule or an open discrepancy asks about.
SELECT network, supplier, flag, shows, mask, ever, rule, changed, followed_on, point.*
FROM (SELECT network, supplier, flag, shows, mask, ever, rule, changed, followed_on, unnest(noted) AS point FROM tallied)
