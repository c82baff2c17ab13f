"""Tests of the simulators' pure parts."""
