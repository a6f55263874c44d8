-- What a run as of this day must hold open and seen.
COPY (
    SELECT mpxn, rule, flag, expected, meter_statuses, meters, in_flight, state
    FROM truths($day)
    ORDER BY mpxn, rule
) TO $path (FORMAT csv, HEADER true);
