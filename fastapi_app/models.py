"""The models of all series that are served.

The default one, which answers requests that name no series, always is in memory and is followed by a thread of its own:
no other model holds it up. What it forecasts is asked of it alone, whatever its name. The others come and go, see
`ModelMemory`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from fastapi_app.faults import RefusedRequestError
from fastapi_app.model_memory import ModelMemory
from fastapi_app.model_source import ModelSource
from fastapi_app.problems import Fault
from fastapi_app.served_series import ServedSeries
from mercado.registry import model_name
from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL, CandleInterval, Series

MAIN: Final = Series(MAIN_SYMBOL, CandleInterval(MAIN_INTERVAL))


class Models:
    """Finds the model of a series.

    Args:
        default: Answers when no series is named; any model, of any name.
        series: Those whose models are served besides.
        sources: From the name of a model to its versions.
        make: From versions and the series that they have to forecast to what follows and keeps them.
        most: Models in memory at once, the default one included, >= 1.
        poll_seconds: How often an alias is looked up.
        cold_seconds: How long a request waits for a model that is being loaded.

    Attributes:
        default: As given.
        others: Keeps the models of other series.
    """

    def __init__(
        self,
        default: ServedSeries,
        series: Sequence[Series],
        sources: Callable[[str], ModelSource],
        make: Callable[[ModelSource, Series], ServedSeries],
        *,
        most: int,
        poll_seconds: float,
        cold_seconds: float,
    ) -> None:
        self.default = default
        self.others = ModelMemory(
            lambda each: make(sources(_name(each)), each),
            room=most - 1,
            poll_seconds=poll_seconds,
            cold_seconds=cold_seconds,
        )
        self._sources = sources
        names = {_name(each): each for each in (MAIN, *series)}
        # Until it is loaded nobody knows what a model of another name forecasts: most likely the first series.
        self._expected = names.get(default.source.name, series[0] if series else MAIN)
        self._other_series = tuple(each for each in series if _name(each) != default.source.name)

    @property
    def default_series(self) -> Series:
        """Return what the default model forecasts."""
        served = self.default.follower.state.served
        return self._expected if served is None else served.series

    @property
    def series(self) -> tuple[Series, ...]:
        """Return what can be asked for, the default model's first."""
        first = self.default_series
        return (first, *(each for each in self._other_series if each != first))

    def choose(self, symbol: str | None = None, interval: CandleInterval | None = None) -> Series:
        """Return the series that is meant; what is not said is that of the default model.

        Raises:
            RefusedRequestError: No model of it is served; lists those that are.
        """
        default = self.default_series
        chosen, served = Series(symbol or default.symbol, interval or default.interval), self.series
        if chosen not in served:
            field = "interval" if chosen.symbol in {each.symbol for each in served} else "symbol"
            message = f"Expected a series whose model is served ({', '.join(map(str, served))}): got {chosen}."
            raise RefusedRequestError(Fault(field=field, message=message))
        return chosen

    async def find(self, symbol: str | None = None, interval: CandleInterval | None = None) -> ServedSeries:
        """Return the model of a series, from memory or as soon as it is loaded.

        Raises:
            RefusedRequestError: As `choose`.
            ModelNotReadyError: As `ModelMemory.find`.
            ConfigurationError: Likewise.
        """
        if symbol is None and interval is None:
            return self.default
        chosen = self.choose(symbol, interval)
        return self.default if chosen == self.default_series else await self.others.find(chosen)

    def in_memory(self) -> dict[Series, ServedSeries]:
        """Return the models in memory, the default one first, those that are being loaded included."""
        return self._with_default(self.others.kept())

    def followed(self) -> dict[Series, ServedSeries]:
        """Return the models in memory, and those that were asked for and have no version that can be served."""
        return self._with_default(self.others.followed())

    def name(self, series: Series) -> str:
        """Return the name of a series' model in the registry."""
        return self.default.source.name if series == self.default_series else _name(series)

    def source(self, series: Series) -> ModelSource:
        """Return the versions of a series' model, which need not be in memory."""
        return self.default.source if series == self.default_series else self._sources(_name(series))

    def _with_default(self, others: dict[Series, ServedSeries]) -> dict[Series, ServedSeries]:
        first = self.default_series
        return {first: self.default} | {series: each for series, each in others.items() if series != first}

    def refresh(self) -> None:
        """Make every newest forecast anew whose candles are others, the default one first."""
        for each in self.in_memory().values():
            each.refresh()


def _name(series: Series) -> str:
    return model_name(series.symbol, series.interval)
