"""What the values of a text column mean, as SQL: one module a subject."""
