-- Flag A, commissioned, and silent. What could not be read accuses nobody.
SELECT mpxn, 'A_SILENT' AS rule
FROM noted SEMI JOIN silent USING (mpxn)
WHERE in_flags AND flag = 'A'
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND mpxn NOT IN (SELECT mpxn FROM unread_meters)
