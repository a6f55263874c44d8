-- How many registered points fall into each cell of a truth table, by party: what any policy says of the market is a sum
-- of these. Those of which something could not be read are counted apart; all of them are noted.
SELECT network, supplier, flag, mask, ever, sum(points)::BIGINT AS points, sum(unread)::BIGINT AS unread
FROM (
    SELECT network, supplier, flag, mask, ever, points, 0 AS unread FROM tallied
    UNION ALL
    SELECT network, supplier, flag, mask, ever, 0 AS points, 1 AS unread
    FROM noted WHERE in_flags AND mpxn IN (SELECT mpxn FROM not_read)
)
GROUP BY network, supplier, flag, mask, ever
HAVING sum(points) > 0
