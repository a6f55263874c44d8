-- The rule of the truth table that a point's flag breaks, or that puts it on watch. What could not be read accuses
-- nobody: a flag that is not known breaks no rule, and beside a meter of unknown status only a firm rule stands.
SELECT mpxn, rule
FROM noted
WHERE in_flags
  AND rule IS NOT NULL
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND (firm OR mpxn NOT IN (SELECT mpxn FROM unread_meters))
