-- Outages told by meters of a make in the hours of its planned update, which are known to be false. Whatever firmware the
-- inventory shows: it may be that of before.
SELECT DISTINCT outages.mpxn, outages.sent_at
FROM outages
SEMI JOIN street_points USING (mpxn)
JOIN (
    SELECT mpxn, description FROM full_devices
    UNION ALL
    SELECT mpxn, description FROM device_updates
) AS meters USING (mpxn)
JOIN plans ON outages.sent_at BETWEEN plans.starts AND plans.ends AND meters.description ILIKE plans.makes
