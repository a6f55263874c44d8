-- What a run as of a day must hold open and seen: the rows of each point's story. Two flags of an MPAN are a contradiction
-- in an extract, and a history in a refresh.
CREATE MACRO truths(on_day) AS TABLE
SELECT mpxn, rule, flag, expected, meter_statuses, meters, in_flight, state
FROM point JOIN truth ON truth.story = point.story AND truth.day = on_day
WHERE NOT (getvariable('refreshed') AND NOT gas AND rule = 'DUPLICATE_FLAG')
UNION ALL
SELECT mpxn, 'METER_DIFFERS', 'A', 'A', 'Commissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing')
FROM mistaken_meters()
UNION ALL
SELECT mpxn, 'A_SILENT', 'A', 'A', 'Commissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing') FROM silent_meters()
UNION ALL
SELECT mpxn, 'N_HEARD', 'N', 'N', 'Decommissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing') FROM heard_meters()
UNION ALL
SELECT mpxn, 'NOT_NOTIFIED', 'A', 'N', 'Decommissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing') FROM unsent_points()
UNION ALL
SELECT mpxn, 'DSP_DIFFERS', 'A', 'A', 'Commissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing') FROM misheld_points()
UNION ALL
SELECT mpxn, 'ALERTS_UNFLAGGED', 'N', 'N', 'Decommissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing')
FROM alerting_gone
UNION ALL
SELECT mpxn, 'ALERT_ELSEWHERE', 'A', 'A', 'Commissioned', 1, 'no', if(on_day = 1, 'new', 'ongoing') FROM misplaced
UNION ALL
SELECT mpxn, 'A_NEVER_ALERTS', 'A', 'A', 'Commissioned', 1, 'no', 'new' FROM quiet_points(on_day);
