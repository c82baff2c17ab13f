"""The platform as local processes: an embedded PostgreSQL and every service under supervisor; no Docker."""
