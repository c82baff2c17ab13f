"""Tests of the landing zone without any database: candidates, complete files, reports, names."""
