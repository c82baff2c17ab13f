"""What keeps a platform in order over the years: backups, restoring them, and letting go of what is old."""
