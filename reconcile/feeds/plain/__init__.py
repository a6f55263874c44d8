"""The quicker way: compiled loops read the plain lines of a large table, SQL the others."""
