"""The exchange that the simulator plays: some markets, each with candles of its own."""

from collections.abc import Mapping

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.candles import CandleSource
from tests.simulators.market import Market


class Exchange:
    """Markets by their symbols.

    Args:
        sources: Where each market's candles come from, by symbol; all of the same interval.
    """

    def __init__(self, sources: Mapping[str, CandleSource]) -> None:
        self.markets = {symbol: Market(symbol, source) for symbol, source in sources.items()}

    def market(self, symbol: str) -> Market | None:
        """Return the market of a symbol, or ``None`` when it is not on offer."""
        return self.markets.get(symbol)

    def offers(self, interval: CandleInterval) -> bool:
        """Return whether there are candles of this length."""
        return all(market.offers(interval) for market in self.markets.values())
