-- What one day tells of each registered point, but those of which something could not be read.
SELECT mpxn, network, supplier, flag, mask, ever, changed, followed_on
FROM followed
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM not_read)
