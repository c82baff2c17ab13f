"""Benchmarks: ``make bench``. Each measures both sides in one run and writes its figures under ``docs/benchmarks``."""
