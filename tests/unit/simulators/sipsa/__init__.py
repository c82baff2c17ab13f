"""Tests of the simulated SIPSA's pure parts."""
