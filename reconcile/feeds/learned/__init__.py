"""Tables with headings that nobody has told us of: what their columns may mean, and what a person says they mean."""
