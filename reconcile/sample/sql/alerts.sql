-- The alerts of a week, as a network's people are told of them.
COPY (
    SELECT code AS "Alert Code", device_id AS "Device ID", mpxn AS "MPxN", strftime(sent_at, '%Y-%m-%dT%H:%M:%SZ') AS "Time"
    FROM alerts_told($day, $date) ORDER BY sent_at, code, mpxn, device_id
) TO $path (FORMAT csv, HEADER true);
