-- The ledger before this run, with each discrepancy's state worked out from its dates.
SELECT
    *,
    CASE
        WHEN resolved_on IS NOT NULL THEN 'resolved'
        WHEN opened_on = coalesce(last_seen, getvariable('last_run_date')) THEN opened_as
        ELSE 'ongoing'
    END AS state
FROM ledger
