"""The series that the platform forecasts unless told otherwise; imports nothing, so that every part can know it."""

MAIN_SYMBOL = "BTCUSDT"
MAIN_INTERVAL = "1h"
