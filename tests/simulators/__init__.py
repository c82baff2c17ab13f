"""Servers that stand in for the outside world: real HTTP, the real shapes and limits, chosen faults.

`python -m tests.simulators` starts the simulators of Binance spot and of DANE's SIPSA on one port;
`tests.simulators.running` starts them inside a test. Each answer carries the header ``X-Mercado-Simulator``, so that
simulated data can always be told from real data.
"""
