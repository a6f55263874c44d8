"""Tables of rows: what a table is, and the columns of each."""
