-- Registration holds another meter than the inventory, of which every line about the point could be read.
SELECT mpxn, 'METER_DIFFERS' AS rule
FROM noted SEMI JOIN other_meters USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread_meters)
