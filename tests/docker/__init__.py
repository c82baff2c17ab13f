"""The platform in containers, on a real Docker engine."""
