"""The quicker way: PyArrow and NumPy read the plain lines of a large table, SQL the others."""
