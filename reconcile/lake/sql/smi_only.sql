-- A smart meter at an MPAN that the covered network's registration does not hold, on no line of it.
SELECT mpxn, 'SMI_ONLY' AS rule
FROM noted SEMI JOIN networks USING (network)
WHERE NOT in_flags AND meters > 0 AND mpxn NOT IN (SELECT mpxn FROM unread)
