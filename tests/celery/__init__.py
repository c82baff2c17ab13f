"""The platform in containers with workers of their own, on a real Docker engine."""
