"""From what a validation reports to the field and the candle that a person looks for."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi_app.problems import CandleAddress, Fault
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.grid import instant
from mercado.errors import InvalidCandlesError, MercadoError

# Names that pydantic puts into a location for the two forms of candles; nobody wrote them.
FORMS: Final = ("columns", "objects")
LONGEST_FIELD: Final = 80


class RefusedRequestError(MercadoError):
    """A request has the right shape but states something that cannot be used.

    Attributes:
        fault: What, and where.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class NotFoundError(MercadoError):
    """What a path names does not exist."""


def candle_fault(error: InvalidCandlesError, series: CandleSeries) -> Fault:
    """Return the fault that a rule of candles reports about ``series``."""
    candle = None
    if error.position is not None:
        candle = CandleAddress(position=error.position, open_time_utc=instant(series.open_time_ms[error.position]))
    return Fault(field=error.field, candle=candle, message=str(error))


def validation_faults(errors: Sequence[Any], body: Any) -> list[Fault]:
    """Return the faults that pydantic reports about a request.

    Args:
        errors: Mappings with ``type``, ``loc`` and ``msg``.
        body: The request's parsed body, where the candle's open time is looked up.
    """
    return [_fault(error, body) for error in errors]


def _fault(error: Any, body: Any) -> Fault:
    if error["type"] == "json_invalid":
        return Fault(field="body", message=f"Expected JSON: {error['ctx']['error']}.")
    names = [part for part in error["loc"][1:] if isinstance(part, str) and part not in FORMS]
    positions = [part for part in error["loc"][1:] if isinstance(part, int)]
    message = str(error["msg"]).removeprefix("Value error, ")
    candle = None
    if positions and error["loc"][1] == "candles":
        candle = _address(positions[0], body)
    elif positions:
        message = f"Item {', '.join(map(str, positions))}: {message}"
    return Fault(field=(names[-1] if names else "body")[:LONGEST_FIELD], candle=candle, message=message)


def _address(position: int, body: Any) -> CandleAddress:
    time_ms = _open_time(position, body["candles"])
    known = isinstance(time_ms, int) and not isinstance(time_ms, bool)
    return CandleAddress(position=position, open_time_utc=instant(time_ms) if known else None)


def _open_time(position: int, candles: Any) -> Any:
    """Return what the request states as a candle's open time: anything, for it was not valid."""
    if isinstance(candles, list):
        candle = candles[position]
        return candle.get("open_time_ms") if isinstance(candle, dict) else None
    times = candles.get("open_time_ms")
    return times[position] if isinstance(times, list) and position < len(times) else None
