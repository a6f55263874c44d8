-- The points of the slice that alerts came from, and the day of the last: as they say themselves, unless the inventory has
-- the device elsewhere; and those of devices that name none.
SELECT mpxn, max(sent_at)::DATE AS alerted_on
FROM (
    SELECT told.mpxn, told.sent_at
    FROM spoken AS told
    ANTI JOIN alert_places ON alert_places.mpxn = told.mpxn AND alert_places.device_id = told.device_id
    WHERE told.mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    UNION ALL
    SELECT associations.mpxn, told.sent_at
    FROM spoken AS told JOIN associations USING (device_id)
    WHERE told.mpxn IS NULL AND role = 'import'
)
GROUP BY mpxn
