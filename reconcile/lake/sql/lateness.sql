-- How many days after its meters a flag followed, of the points whose meters changed lately; of those whose flag has not
-- followed, for how many days they wait. A flag from before the change asks for nothing, and of one that is on watch, that
-- the policy leaves open, that has no day or that could not be read, nothing is known.
SELECT
    network,
    supplier,
    date_diff('day', changed, CASE WHEN followed THEN flag_from ELSE registration_date END)::INTEGER AS days,
    followed,
    count(*) AS points
FROM (
    SELECT tallied.network, tallied.supplier, point.*, point.rule IS NULL AS followed
    FROM (SELECT network, supplier, unnest(changed) AS point FROM tallied) AS tallied
) AS point
LEFT JOIN rules ON rules.code = point.rule
JOIN networks USING (network)
WHERE NOT undetermined
  AND (rule IS NULL OR rules.severity <> 'watch')
  AND CASE WHEN followed THEN flag_from >= changed ELSE registration_date >= changed END
  AND mpxn NOT IN (SELECT mpxn FROM not_read)
GROUP BY network, supplier, days, followed
