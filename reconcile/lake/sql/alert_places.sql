-- Devices that alerts name with a Meter Point at which the inventory does not have them, but at another. A device that was
-- moved since spoke from where it was: its newest alert counts, and one from before its status none.
WITH newest AS (
    SELECT mpxn, device_id, sent_at
    FROM spoken
    WHERE mpxn IS NOT NULL AND device_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY device_id ORDER BY sent_at DESC, mpxn) = 1
),
placed AS (
    SELECT device_id, mpxn, status_from FROM speaking_devices SEMI JOIN newest USING (device_id)
),
placed_at AS (
    SELECT device_id, max(status_from) AS status_from FROM placed WHERE mpxn IS NOT NULL GROUP BY device_id
)
SELECT newest.mpxn, newest.device_id
FROM newest
JOIN placed_at USING (device_id)
ANTI JOIN placed ON placed.device_id = newest.device_id AND placed.mpxn = newest.mpxn
WHERE newest.sent_at >= coalesce(placed_at.status_from, DATE '0001-01-01')
