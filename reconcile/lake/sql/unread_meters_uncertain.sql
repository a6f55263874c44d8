-- Points at which the inventory says something more that could not be read; and, of the points that anything is asked
-- about, those at which it may say it: on a line whose number could not be read. The ranges do not overlap.
WITH about AS (
    SELECT mpxn FROM noted
    UNION
    SELECT mpxn FROM open_before WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
)
SELECT mpxn FROM unread_devices WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn
FROM about JOIN uncertain_devices AS told ON about.mpxn BETWEEN told.first AND told.last
