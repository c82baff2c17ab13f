"""The tables that workbooks fill, as data: reading, merging, inspecting and exporting follow from them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mercado.sipsa.names import normalised_market, normalised_product


@dataclass(frozen=True)
class DerivedColumn:
    """A column that follows from the source's text in another one; it never takes part in a key.

    Attributes:
        column: Its name.
        source: The column that it follows from.
        derive: From that column's text to the value, ``None`` where nothing is known.
    """

    column: str
    source: str
    derive: Callable[[str], str | None]


@dataclass(frozen=True)
class LandingTable:
    """A table of schema ``sipsa_data`` that workbooks fill; its revisions are named after it.

    Attributes:
        name: Of the table.
        columns: What a reader gives, in the order of its rows' values.
        key: Columns that identify a row, by the source's own words.
        amounts: Columns whose change is a revision.
        derived: Columns that the loader adds.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    amounts: tuple[str, ...]
    derived: tuple[DerivedColumn, ...] = ()


def _product(text: str) -> str:
    return normalised_product(text).canonical


def _market(text: str) -> str:
    return normalised_market(text).canonical


_PRODUCT: Final = DerivedColumn("product_name_normalised", "product_name", _product)
_MARKET: Final = DerivedColumn("market_name_normalised", "market_name", _market)

DAILY_PRICES: Final = LandingTable(
    name="mayoristas_prices",
    columns=("product_group", "product_name", "market_name", "report_date", "price_cop", "price_unit", "variation_pct"),
    key=("product_name", "market_name", "report_date"),
    amounts=("price_cop",),
    derived=(_PRODUCT, _MARKET),
)
WEEKLY_PRICES: Final = LandingTable(
    name="mayoristas_prices_weekly",
    columns=(
        "product_group",
        "product_name",
        "market_name",
        "week_start_date",
        "week_end_date",
        "min_price_cop",
        "max_price_cop",
        "mean_price_cop",
        "price_unit",
        "trend",
    ),
    key=("product_group", "product_name", "market_name", "week_start_date"),
    amounts=("min_price_cop", "max_price_cop", "mean_price_cop"),
    derived=(_PRODUCT, _MARKET),
)
WEEKLY_SUPPLY: Final = LandingTable(
    name="mayoristas_supply_weekly",
    columns=(
        "product_group",
        "market_name",
        "week_start_date",
        "week_end_date",
        "supply_tonnes",
        "previous_supply_tonnes",
        "variation_pct",
    ),
    key=("product_group", "market_name", "week_start_date"),
    amounts=("supply_tonnes",),
    derived=(_MARKET,),
)
MONTHLY_RICE: Final = LandingTable(
    name="mayoristas_rice_monthly",
    columns=(
        "product_name",
        "municipality_name",
        "month_start_date",
        "min_price_cop_per_tonne",
        "max_price_cop_per_tonne",
        "mean_price_cop_per_tonne",
        "trend",
        "municipality_code",
    ),
    key=("product_name", "municipality_name", "month_start_date"),
    amounts=("min_price_cop_per_tonne", "max_price_cop_per_tonne", "mean_price_cop_per_tonne"),
    derived=(_PRODUCT,),
)
TABLES: Final = (DAILY_PRICES, WEEKLY_PRICES, WEEKLY_SUPPLY, MONTHLY_RICE)
