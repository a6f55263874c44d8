-- How many registered points have a meter of each kind; of one that nobody describes nothing is known.
SELECT network, supplier, description, points
FROM described_points LEFT JOIN kinds USING (kind)
WHERE by_kind AND kind IS NOT NULL
