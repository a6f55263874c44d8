-- Every discrepancy that was known or is found, with its state before and after this run, and what that does to the
-- number of mismatches. A second run of the same day is the same moment in a discrepancy's life: what that day opened
-- stays new.
SELECT
    coalesce(found.id, before.id) AS id,
    found.id IS NOT NULL AS is_found,
    before.id IS NOT NULL AS is_known,
    coalesce(before.state, '') AS state_before,
    CASE WHEN found.id IS NOT NULL AND before.resolved_on IS NULL AND before.opened_on = getvariable('run_date')
         THEN before.opened_as ELSE lifecycle.after END AS state_after,
    lifecycle.withdrawn AS is_withdrawn,
    found.id IS NULL AND covered.id IS NULL AND before.resolved_on IS NULL AND NOT lifecycle.withdrawn AS is_absent,
    before.last_seen AS was_last_seen,
    before.fingerprint IS DISTINCT FROM found.fingerprint AS is_changed,
    coalesce(before.resolved_on IS NULL AND before.last_seen IS NULL AND NOT before.in_flight, false) AS did_count,
    coalesce(NOT found.in_flight, false) AS counts,
    CASE WHEN NOT getvariable('moves')
           OR coalesce(found.rule, before.rule) NOT IN (SELECT rule FROM mismatched) THEN NULL
         WHEN counts AND NOT did_count THEN
            CASE WHEN before.id IS NULL THEN 'new'
                 WHEN before.last_seen IS NOT NULL THEN 'seen_again'
                 ELSE 'out_of_flight' END
         WHEN did_count AND NOT counts THEN
            CASE WHEN found.id IS NOT NULL THEN 'into_flight'
                 WHEN lifecycle.withdrawn THEN 'withdrawn'
                 WHEN covered.id IS NOT NULL THEN 'mended'
                 ELSE 'absent' END
         WHEN counts AND (
                found.network_id <> before.network_id OR found.supplier_id IS DISTINCT FROM before.supplier_id
            ) THEN 'changed_hands'
    END AS move
FROM found
FULL JOIN before ON before.id = found.id
LEFT JOIN covered ON covered.id = before.id
LEFT JOIN unfounded ON unfounded.discrepancy_id = before.id AND before.resolved_on IS NULL
JOIN lifecycle
  ON lifecycle.before = coalesce(before.state, '')
 AND lifecycle.covered = (found.id IS NOT NULL OR covered.id IS NOT NULL)
 AND lifecycle.found = (found.id IS NOT NULL)
 AND lifecycle.withdrawn = (unfounded.discrepancy_id IS NOT NULL OR coalesce(before.unfounded, false))
