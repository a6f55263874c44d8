-- What two runs found, a discrepancy a row, of those that one of them counts as a mismatch of the scope: what became of
-- it in between. Where both say something, the later one says it.
SELECT
    coalesce(later.id, earlier.id) AS id,
    coalesce(later.mpxn, earlier.mpxn) AS mpxn,
    coalesce(later.rule, earlier.rule) AS rule,
    if(later.id IS NULL, earlier.severity, later.severity) AS severity,
    if(later.id IS NULL, earlier.network, later.network) AS network,
    if(later.id IS NULL, earlier.supplier, later.supplier) AS supplier,
    if(later.id IS NULL, earlier.flag, later.flag) AS flag,
    if(later.id IS NULL, earlier.expected, later.expected) AS expected,
    if(later.id IS NULL, earlier.wrong_since_latest, later.wrong_since_latest) AS wrong_since_latest,
    coalesce(earlier.counts AND earlier.ours, false) AS did_count,
    coalesce(later.counts AND later.ours, false) AS counts,
    CASE WHEN coalesce(later.counts AND later.ours, false) THEN
            CASE WHEN earlier.counts AND earlier.ours THEN 'stays'
                 WHEN earlier.counts THEN 'came'
                 WHEN earlier.id IS NOT NULL THEN 'out_of_flight'
                 WHEN later.first_seen >= getvariable('earlier_date') THEN 'new'
                 ELSE 'seen_again' END
         WHEN later.id IS NOT NULL AND NOT later.ours THEN 'went'
         WHEN later.id IS NOT NULL THEN 'into_flight'
         WHEN ended.withdrawn THEN 'withdrawn'
         WHEN ended.discrepancy_id IS NOT NULL THEN 'mended'
         ELSE 'absent' END AS move
FROM earlier
FULL JOIN later ON later.id = earlier.id
LEFT JOIN ended ON ended.discrepancy_id = earlier.id
WHERE (earlier.counts AND earlier.ours) OR (later.counts AND later.ours)
