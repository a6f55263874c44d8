-- What a run as of this day must hold open and seen: the rows of each point's story.
COPY (
    SELECT mpxn, rule, flag, expected, meter_statuses, meters, in_flight, state
    FROM point JOIN truth ON truth.story = point.story AND truth.day = $day
    ORDER BY mpxn, rule
) TO $path (FORMAT csv, HEADER true);
