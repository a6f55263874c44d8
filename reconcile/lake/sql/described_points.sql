-- All registered points counted twice: by the kind of their meter (NULL without one), and by where they are and when
-- their meter was commissioned (months since the year 0). By all of it at once there would be as many rows as points.
SELECT
    network, supplier, kind, postcode_area, commissioned_month,
    grouping(kind) = 0 AS by_kind,
    count(*) AS points
FROM (
    SELECT
        network, supplier, postcode_area, kind,
        (year(commissioned) * 12 + month(commissioned) - 1)::INTEGER AS commissioned_month
    FROM flags LEFT JOIN point_facts USING (mpxn)
)
GROUP BY GROUPING SETS ((network, supplier, kind), (network, supplier, postcode_area, commissioned_month))
