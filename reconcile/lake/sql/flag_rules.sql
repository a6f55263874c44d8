-- The rule of the truth table that a point's flag breaks, or that puts it on watch.
SELECT mpxn, rule FROM noted WHERE in_flags AND rule IS NOT NULL
