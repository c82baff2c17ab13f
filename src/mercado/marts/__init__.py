"""What people look at, read from the warehouse: prices, candles, forecasts, loads and the quality of all of them.

The API and the command line ask the same functions. Each takes an open connection, reads as the role that it belongs
to, and returns rows as dictionaries whose keys are the columns of the statement beside it.
"""
