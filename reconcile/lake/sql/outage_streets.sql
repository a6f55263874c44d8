-- The streets of which enough points told of outages, whenever: one whole postcode each. Whatever else is asked of streets
-- is asked of these few alone. What a postcode looks like is asked after the join, of which little is left.
SELECT postcode
FROM full_flags JOIN outages USING (mpxn)
GROUP BY postcode
HAVING count(DISTINCT CASE WHEN postcode LIKE '% %' THEN mpxn END) >= getvariable('street_points')
