"""Tests of the SIPSA client, its parsing and its names without any service."""
