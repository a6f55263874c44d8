-- The Meter Point of each alert: the one that it names, else that of its device, for import before others.
SELECT
    asked_alerts.id,
    coalesce(asked_alerts.mpxn, found.mpxn) AS mpxn,
    asked_alerts.mpxn IS NOT NULL AND found.mpxn IS NOT NULL
        AND NOT list_contains(found.points, asked_alerts.mpxn) AS elsewhere,
    found.mpxn AS device_at,
    found.description
FROM asked_alerts
LEFT JOIN (
    SELECT
        device_id,
        arg_min(mpxn, ((role <> 'import')::INTEGER, mpxn)) FILTER (WHERE mpxn IS NOT NULL) AS mpxn,
        list(mpxn) FILTER (WHERE mpxn IS NOT NULL) AS points,
        any_value(description) AS description
    FROM alert_devices GROUP BY device_id
) AS found USING (device_id)
