-- How many registered points there are by place and by the month in which their meter was commissioned (months since
-- the year 0; NULL where that is not known or there is no meter).
SELECT network, supplier, postcode_area, commissioned_month, points
FROM tallied WHERE by_place AND points > 0
