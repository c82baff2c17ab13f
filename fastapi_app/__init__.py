"""The HTTP API that serves the champion's forecasts."""
