-- What the inventory says of meters, as small numbers in the order of the texts.
SELECT description, row_number() OVER (ORDER BY description) AS kind
FROM (SELECT DISTINCT description FROM meters WHERE description IS NOT NULL)
