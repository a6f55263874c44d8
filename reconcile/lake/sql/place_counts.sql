-- How many registered points there are by place and by the month in which their meter was commissioned.
SELECT network, supplier, postcode_area, commissioned_month, points
FROM described_points WHERE NOT by_kind
