-- The alerts of files that nobody has triaged yet, each once, whatever files hold it; those that stand already aside.
SELECT
    getvariable('last_alert') + row_number() OVER (ORDER BY sent_at, code, mpxn, device_id, hub_id, extract_id) AS id,
    *
FROM (
    SELECT min(extract_id) AS extract_id, sent_at, code, change, sort, mpxn, device, device_id, hub_id
    FROM told
    WHERE NOT EXISTS (
        FROM standing
        WHERE standing.sent_at = told.sent_at AND standing.code = told.code AND standing.change = told.change
          AND standing.device_id = told.device_id AND standing.hub_id = told.hub_id
          AND (told.mpxn IS NULL OR standing.mpxn = told.mpxn)
    )
    GROUP BY ALL
)
