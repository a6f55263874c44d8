"""Files as bytes, lines and headings, whatever they hold."""
