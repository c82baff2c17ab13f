"""What keeps the documentation true: generated pages, links, and the commands in it."""
