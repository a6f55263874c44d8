-- What must be said of each alert of a week once the day's files are loaded. Nobody knew anything before the first day.
COPY (
    SELECT strftime(sent_at, '%Y-%m-%dT%H:%M:%SZ') AS sent, code AS said, mpxn AS number, device_id AS sender, verdict,
        if($day = 1, 'unknown', verdict) AS verdict_then, triaged AS class, storm AS of_storm
    FROM alerts_told($day, $date) ORDER BY sent_at, code, mpxn, device_id
) TO $path (FORMAT csv, HEADER true);
