-- Every alert of the files that are read, in the words of the queue.
SELECT
    extract_id, sent_at, code, coalesce(change, '') AS change, mpxn, device_id AS device,
    CASE WHEN change IS NOT NULL THEN 'status' ELSE coalesce(meanings.sort, 'other') END AS sort,
    coalesce(rtrim(regexp_replace(lpad(upper(to_hex(device_id)), 16, '0'), '(..)', '\1-', 'g'), '-'), '') AS device_id,
    coalesce(rtrim(regexp_replace(lpad(upper(to_hex(hub_id)), 16, '0'), '(..)', '\1-', 'g'), '-'), '') AS hub_id
FROM incoming_alerts LEFT JOIN meanings USING (code)
