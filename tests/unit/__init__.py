"""Fast tests without I/O beyond files of their own."""
