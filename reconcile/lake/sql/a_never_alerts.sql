-- Silent when the supply of the whole street was off, although under A with a commissioned meter since before that day.
-- What could not be read, or has no date, accuses nobody.
SELECT mpxn, 'A_NEVER_ALERTS' AS rule
FROM noted JOIN quiet_in_outage USING (mpxn)
WHERE proven AND in_flags AND flag = 'A' AND shows = 'commissioned' AND undated_meters = 0
  AND flag_from < outage_on AND latest_status_from < outage_on
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND mpxn NOT IN (SELECT mpxn FROM unread_meters)
