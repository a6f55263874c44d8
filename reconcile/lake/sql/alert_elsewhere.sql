-- Alerts name the point, and come from a device that the inventory has at another.
SELECT DISTINCT mpxn, 'ALERT_ELSEWHERE' AS rule
FROM noted SEMI JOIN alert_places USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread_meters)
