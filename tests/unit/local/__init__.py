"""The local runtime's parts that need no running service."""
