"""Unit tests of what keeps a platform in order."""
