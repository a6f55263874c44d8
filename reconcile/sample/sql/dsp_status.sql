-- The DCC Service Status that the DSP itself holds: a line for each Meter Point of which it tells.
COPY (
    SELECT mpxn AS "MPxN", status AS "DCC Service Status", strftime(since, '%Y-%m-%d') AS "Effective from",
        notified AS "Notified"
    FROM dsp_told($some) WHERE $day > 0 ORDER BY i
) TO $path (FORMAT csv, HEADER true);
