"""Params that several DAGs share."""

from airflow.sdk import Param

from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL


def symbol() -> Param:
    """Return the Param of the trading pair."""
    return Param(
        MAIN_SYMBOL, type="string", pattern="^[A-Z0-9]{5,20}$", description="Trading pair as Binance spells it."
    )


def interval(*choices: str) -> Param:
    """Return the Param of the candles' length, with Binance's spellings to choose from."""
    return Param(MAIN_INTERVAL, type="string", enum=list(choices), description="Length of a candle.")


def optional_number(meaning: str, *, minimum: int, maximum: int | None = None) -> Param:
    """Return a Param that may stay empty, which leaves the choice to the platform's settings."""
    bounds = {"minimum": minimum} if maximum is None else {"minimum": minimum, "maximum": maximum}
    return Param(None, type=["null", "integer"], description=f"{meaning} Empty: the setting of .env.", **bounds)


def optional_text(meaning: str) -> Param:
    """Return a Param that may stay empty."""
    return Param(None, type=["null", "string"], minLength=1, description=meaning)


def flag(meaning: str) -> Param:
    """Return a Param to tick."""
    return Param(False, type="boolean", description=meaning)
