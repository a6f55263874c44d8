-- Points at which the inventory says something more that could not be read.
SELECT DISTINCT mpxn FROM unread_devices
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
