"""The Params of the DAGs: each with a title and an explanation for Airflow's form, which shows the fitting field.

What a Param allows is checked by Airflow when a run is asked for, so a wrong value starts nothing.
"""

from collections.abc import Sequence
from typing import Any, Final

from airflow.sdk import Param

from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL

SETTING: Final = "Empty: the setting of .env."
# Airflow has the formats `date` and `date-time`, of which it checks the first one only.
INSTANT: Final = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$"
)
# One a line, in a field where the last line may be empty.
RELATIVE: Final = r"^$|^(?!/)(?!(.*/)?\.\./).+$"
DIGEST_OR_PATH: Final = r"^$|^[0-9a-f]{6,64}$|/"
INTERVAL_NAMES: Final = {"m": "minute", "h": "hour", "d": "day"}
SPELLING: Final = f"As Binance spells it: capitals, no dash, such as {MAIN_SYMBOL}"
LENGTH: Final = "How long a candle lasts."
EVERY_SERIES: Final = (
    f"Empty: {MAIN_SYMBOL} or {MAIN_INTERVAL} where the other one is stated, and every series of MERCADO_SERIES where "
    f"neither is."
)
_SYMBOL: Final[dict[str, Any]] = {
    "title": "Trading pair",
    "pattern": "^[A-Z0-9]{5,20}$",
    "examples": [MAIN_SYMBOL, "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT"],
}


def symbol() -> Param:
    """Return the Param of the trading pair."""
    return Param(MAIN_SYMBOL, **_SYMBOL, type="string", description=f"{SPELLING}.")


def interval(*choices: str) -> Param:
    """Return the Param of the candles' length, with Binance's spellings to choose from."""
    return Param(MAIN_INTERVAL, **_interval(choices), type="string", description=LENGTH)


def optional_symbol() -> Param:
    """Return the Param of the trading pair that may stay empty: every series of the settings then."""
    return Param(None, **_SYMBOL, type=["null", "string"], description=f"{SPELLING}. {EVERY_SERIES}")


def optional_interval(*choices: str) -> Param:
    """Return the Param of the candles' length that may stay empty, with Binance's spellings to choose from."""
    stated = _interval(choices)
    stated["enum"] = [None, *choices]
    return Param(None, **stated, type=["null", "string"], description=f"{LENGTH} {EVERY_SERIES}")


def horizon() -> Param:
    """Return the Param of how far ahead is forecast."""
    meaning = "How many candles ahead is forecast; each has a model of its own."
    return optional_number("Horizon, in candles", meaning, minimum=1, maximum=168)


def optional_number(
    title: str, meaning: str, *, minimum: int, maximum: int | None = None, section: str | None = None
) -> Param:
    """Return a Param that may stay empty, which leaves the choice to the platform's settings."""
    bounds = {"minimum": minimum} if maximum is None else {"minimum": minimum, "maximum": maximum}
    allowed = f"At least {minimum:,}." if maximum is None else f"{minimum:,} to {maximum:,}."
    text = f"{meaning} {allowed} {SETTING}"
    return Param(None, title=title, type=["null", "integer"], description=text, **bounds, **_in_section(section))


def optional_text(title: str, meaning: str, *, section: str | None = None, **schema: Any) -> Param:
    """Return a Param that may stay empty.

    Args:
        title: Above the field.
        meaning: Below it, with what empty means.
        section: Of the form.
        **schema: What else JSON schema says of it, such as ``pattern`` or ``format``.
    """
    stated = schema if "format" in schema else {"minLength": 1} | schema
    return Param(None, title=title, type=["null", "string"], description=meaning, **stated, **_in_section(section))


def optional_lines(title: str, meaning: str, *, pattern: str) -> Param:
    """Return a Param of texts, one a line, that may stay empty."""
    items = {"type": "string", "pattern": pattern}
    return Param(None, title=title, type=["null", "array"], items=items, description=meaning)


def choice_of_many(title: str, meaning: str, names: dict[str, str]) -> Param:
    """Return a Param to choose one or more values from; all are chosen at first.

    Args:
        title: Above the field.
        meaning: Below it.
        names: Each value's name in the form.
    """
    return Param(
        list(names),
        title=title,
        type="array",
        items={"type": "string", "enum": list(names)},
        examples=list(names),  # with these the form is a list to choose from
        values_display=names,
        minItems=1,
        uniqueItems=True,
        description=meaning,
    )


def flag(title: str, meaning: str, *, on: bool = False, section: str | None = None) -> Param:
    """Return a Param to tick."""
    return Param(on, title=title, type="boolean", description=meaning, **_in_section(section))


def _in_section(section: str | None) -> dict[str, str]:
    return {"section": section} if section else {}


def _interval(choices: Sequence[str]) -> dict[str, Any]:
    names = {choice: _in_words(choice) for choice in choices}
    return {"title": "Candle length", "enum": list(choices), "values_display": names}


def _in_words(interval: str) -> str:
    count, unit = int(interval[:-1]), INTERVAL_NAMES[interval[-1]]
    return f"{interval} ({count} {unit}{'s' if count > 1 else ''})"
