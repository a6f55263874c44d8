-- The open discrepancies as this run leaves them, and those it resolved, counted for every page.
SELECT
    coalesce(found.network_id, before.network_id) AS network_id,
    if(found.id IS NULL, before.supplier_id, found.supplier_id) AS supplier_id,
    coalesce(found.rule, before.rule) AS rule,
    coalesce(found.flag, before.flag) AS flag,
    coalesce(found.shows, mask_shows.shows) AS shows,
    if(is_withdrawn AND found.id IS NULL, 'withdrawn', state_after) AS state,
    coalesce(found.in_flight, before.in_flight) AS in_flight,
    is_absent AS absent,
    count(*) AS discrepancies
FROM transitions
LEFT JOIN found USING (id)
LEFT JOIN before USING (id)
LEFT JOIN mask_shows ON mask_shows.mask = before.mask
WHERE state_before <> 'resolved' OR state_after <> 'resolved'
GROUP BY ALL
