-- What registration and inventory show of the Meter Point of each alert. A network is told as for a run.
SELECT
    alert_points.id,
    alert_points.mpxn,
    CASE WHEN flags.mpxn IS NOT NULL THEN network
         WHEN alert_points.mpxn >= getvariable('first_mpan')
         THEN (alert_points.mpxn // (getvariable('first_mpan') // 10))::VARCHAR END AS network,
    supplier,
    coalesce(flag, '') AS flag,
    coalesce(mask, 0)::SMALLINT AS mask,
    flags.mpxn IS NOT NULL AS known,
    elsewhere,
    device_at,
    coalesce(alert_points.mpxn IN (SELECT mpxn FROM unread_devices), false) AS unread,
    coalesce(silent.heard, 'not_asked') AS heard,
    proofs.heard_at,
    proofs.source AS heard_by,
    postcode_area,
    coalesce(alert_points.description, kinds.description) AS description,
    coalesce(kinds.description, alert_points.description) AS meter
FROM alert_points
LEFT JOIN flags USING (mpxn)
LEFT JOIN point_masks USING (mpxn)
LEFT JOIN silent USING (mpxn)
LEFT JOIN proofs USING (mpxn)
LEFT JOIN point_facts USING (mpxn)
LEFT JOIN kinds USING (kind)
