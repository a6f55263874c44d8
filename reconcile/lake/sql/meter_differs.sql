-- Registration holds another meter than the inventory.
SELECT mpxn, 'METER_DIFFERS' AS rule
FROM noted SEMI JOIN other_meters USING (mpxn)
WHERE in_flags
