-- The points that a rule or an open discrepancy asks about.
SELECT network, supplier, flag, shows, unnest(noted, recursive := true) FROM tallied
