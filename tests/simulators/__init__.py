"""Servers that stand in for the outside world: real HTTP, the real shapes and limits, chosen faults.

`python -m tests.simulators --help` starts the Binance spot simulator; `tests.simulators.running` starts one inside a
test. Each answer carries the header ``X-Mercado-Simulator``, so that simulated data can always be told from real data.
"""
