"""Tests that take long because something has to be down for a while; `make test-faults`."""
