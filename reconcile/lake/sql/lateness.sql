-- How many days after its meters a flag followed, of the points whose meters changed lately; of those whose flag has not
-- followed, for how many days they wait. A flag from before the change asks for nothing, and of one that is on watch, that
-- the policy leaves open, that has no day or that could not be read, nothing is known.
SELECT
    network,
    supplier,
    date_diff('day', changed, coalesce(followed_on, registration_date))::INTEGER AS days,
    followed_on IS NOT NULL AS followed,
    sum(points)::BIGINT AS points
FROM (
    SELECT network, supplier, rule, changed, followed_on, points FROM tallied WHERE changed IS NOT NULL
    UNION ALL
    -- All that could not be read are noted: they were counted, and are taken away.
    SELECT network, supplier, rule, changed, followed_on, -1 AS points
    FROM noted WHERE changed IS NOT NULL AND mpxn IN (SELECT mpxn FROM not_read)
)
LEFT JOIN rules ON rules.code = rule
JOIN networks USING (network)
WHERE (rule IS NULL OR rules.severity <> 'watch') AND (followed_on IS NOT NULL OR registration_date >= changed)
GROUP BY network, supplier, days, followed
HAVING sum(points) > 0
