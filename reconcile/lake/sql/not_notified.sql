-- The DSP holds N or I that registration was never sent. What registration holds could be read.
SELECT mpxn, 'NOT_NOTIFIED' AS rule
FROM noted SEMI JOIN (FROM dsp_points WHERE unsent) USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread)
