"""The whole platform, started as a person starts it."""
