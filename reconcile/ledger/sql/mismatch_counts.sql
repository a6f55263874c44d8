-- The mismatches of the run by how long they have been wrong, and how many days that is in all.
SELECT
    network_id,
    supplier_id,
    rule,
    undetermined,
    coalesce(ages.code, 'unknown') AS wrong_for,
    count(*) AS discrepancies,
    coalesce(sum(days), 0)::BIGINT AS days
FROM (
    SELECT *, greatest(getvariable('run_date') - wrong_since_latest, 0) AS days
    FROM found
    WHERE NOT in_flight AND rule IN (SELECT rule FROM mismatched)
)
LEFT JOIN ages ON days >= ages.least AND days < coalesce(ages.below, days + 1)
GROUP BY ALL
