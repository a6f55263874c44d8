-- Noted points with a smart meter whose status has no date, and between which inventories the change lies: after the last
-- one that showed another status, by the first that showed this one ever since.
WITH meter AS (
    SELECT mpxn, device_id, status
    FROM associations SEMI JOIN (FROM noted WHERE undated_meters > 0) USING (mpxn)
    WHERE status_from IS NULL AND (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
),
shown AS (
    SELECT meter.mpxn, meter.device_id, inventories.as_of, inventories.status = meter.status AS is_same
    FROM meter
    JOIN inventories ON inventories.mpxn = meter.mpxn AND inventories.device_id = meter.device_id
),
bounded AS (
    SELECT shown.mpxn, last_other AS changed_after, min(as_of) AS changed_by
    FROM shown
    JOIN (
        SELECT mpxn, device_id, max(as_of) FILTER (WHERE NOT is_same) AS last_other FROM shown GROUP BY mpxn, device_id
    ) AS other ON other.mpxn = shown.mpxn AND other.device_id = shown.device_id
    WHERE is_same AND (last_other IS NULL OR as_of >= last_other)
    GROUP BY shown.mpxn, shown.device_id, last_other
)
SELECT
    mpxn,
    max(changed_after) AS changed_after,
    max(changed_by) AS changed_by,
    max(changed_by) FILTER (WHERE changed_after IS NOT NULL) AS moved_by
FROM bounded
GROUP BY mpxn
