-- Alerts come from a point since it has N, or although it has no flag: somebody is live there.
SELECT mpxn, 'ALERTS_UNFLAGGED' AS rule
FROM noted JOIN alerting USING (mpxn)
WHERE in_flags AND flag IN ('', 'N') AND alerted_on > coalesce(flag_from, DATE '0001-01-01')
  AND mpxn NOT IN (SELECT mpxn FROM unread)
