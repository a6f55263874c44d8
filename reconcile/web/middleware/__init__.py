"""What happens to every request before its view, and to its answer afterwards."""
