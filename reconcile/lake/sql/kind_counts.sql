-- How many registered points have a meter of each kind; a kind that nobody describes has none.
SELECT network, supplier, description, points
FROM tallied LEFT JOIN kinds USING (kind)
WHERE by_kind AND points > 0 AND kind IS NOT NULL
