-- The registered points in the cells that somebody asks about, with what two policies expect there.
SELECT judged.mpxn, judged.network, judged.supplier, judged.flag, changes.expected, changes.expected_then, changes.rule,
    judged.mask
FROM judged
JOIN changes USING (flag, mask, ever)
WHERE judged.in_flags
  AND judged.mpxn NOT IN (SELECT mpxn FROM not_read)
