-- Points that must be noted whatever their flag and meters say.
SELECT mpxn FROM open_before WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM responses WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM conflicts WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM unread_flags WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM unread_devices WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM other_meters
UNION
SELECT mpxn FROM dsp_points
UNION
SELECT mpxn FROM silent
UNION
SELECT mpxn FROM heard_on
UNION
SELECT mpxn FROM alerting
UNION
SELECT mpxn FROM alert_places WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM quiet_in_outage WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
