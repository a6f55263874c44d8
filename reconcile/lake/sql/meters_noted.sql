-- The smart meters of the points that are noted.
FROM described SEMI JOIN noted USING (mpxn)
