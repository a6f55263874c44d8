-- Heard, although its meter or its flag says that it has gone.
SELECT mpxn, 'N_HEARD' AS rule
FROM noted SEMI JOIN heard_on USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread)
