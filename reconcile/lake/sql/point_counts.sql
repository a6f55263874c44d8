-- How many registered points there are of each kind; every number on the overview is a sum of these.
SELECT network, supplier, flag, shows, points FROM tallied WHERE points > 0
