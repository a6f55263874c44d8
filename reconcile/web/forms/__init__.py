"""What people fill in, and what of it is taken."""
