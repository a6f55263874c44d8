-- The points under A of a street whose supply was off that no alert names, nor a line of alerts that could not be read.
SELECT mpxn, proven, outage_on
FROM street_points
JOIN dark_streets USING (postcode)
ANTI JOIN unread_alerts AS unread_alert ON mpxn BETWEEN unread_alert.first AND unread_alert.last
WHERE flag = 'A' AND mpxn NOT IN (SELECT mpxn FROM spoke)
