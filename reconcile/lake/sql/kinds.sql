-- The kinds of smart meters, by what the inventory says of them, as small numbers in the order of the texts.
SELECT description, row_number() OVER (ORDER BY description) AS kind
FROM (SELECT DISTINCT description FROM associations WHERE description IS NOT NULL)
