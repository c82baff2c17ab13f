"""Food prices."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from fastapi_app.model_answers import Answer

Dataset = Literal["city_daily", "market_daily", "market_weekly", "market_monthly", "workbook_daily", "workbook_weekly"]
Unit = Literal["kg", "unit", "litre", "tonne"]
DATASET_TEXT = (
    "Where a price is from: `city_daily` (the service's average per kilogram in a city), `market_daily`, "
    "`market_weekly`, `market_monthly` (the service, in a market), `workbook_daily`, `workbook_weekly` (DANE's "
    "workbooks)."
)


class Product(Answer):
    """A product of which there are prices."""

    product: str = Field(
        description="The one name that every source's spelling is shown as.", examples=["Plátano hartón verde"]
    )
    datasets: list[Dataset] = Field(description=DATASET_TEXT, examples=[["city_daily", "market_weekly"]])
    units: list[Unit] = Field(description="What its prices are for.", examples=[["kg"]])
    market_count: int = Field(ge=0, description="Cities and markets that have it.", examples=[24])
    first_day: date = Field(description="Day of its oldest price, in Bogotá.", examples=["2023-01-02"])
    last_day: date = Field(description="Day of its newest price, in Bogotá.", examples=["2026-11-24"])


class Market(Answer):
    """A city or market of which there are prices."""

    market: str = Field(description="The one name that every spelling is shown as.", examples=["Bogotá, D.C."])
    kind: Literal["city", "market"] = Field(
        description="`city` where only averages of the city are known (`city_daily`).", examples=["city"]
    )
    datasets: list[Dataset] = Field(description=DATASET_TEXT, examples=[["city_daily"]])
    product_count: int = Field(ge=0, description="Products that it has.", examples=[110])
    first_day: date = Field(description="Day of its oldest price, in Bogotá.", examples=["2023-01-02"])
    last_day: date = Field(description="Day of its newest price, in Bogotá.", examples=["2026-11-24"])


class Price(Answer):
    """A wholesale price."""

    dataset: Dataset = Field(description=DATASET_TEXT, examples=["market_weekly"])
    product: str = Field(description="As GET /products names it.", examples=["Plátano hartón verde"])
    market: str = Field(description="As GET /markets names it.", examples=["Bogotá, D.C., Corabastos"])
    day: date = Field(description="First calendar day of Bogotá that it is about.", examples=["2026-11-14"])
    last_day: date = Field(
        description="Last day that it is about: of a week or month its end.", examples=["2026-11-20"]
    )
    min_price_cop: float | None = Field(
        description="Least price, in COP per price_unit; null where the source gives one price only.", examples=[2600]
    )
    mean_price_cop: float = Field(gt=0, description="Mean price, in COP per price_unit.", examples=[2750])
    max_price_cop: float | None = Field(
        description="Greatest price, in COP per price_unit; null where the source gives one price only.",
        examples=[2900],
    )
    price_unit: Unit = Field(description="What it is for; a unit of eggs is one egg.", examples=["kg"])
    product_in_source: str = Field(description="As the source writes it.", examples=["Plátano hartón verde*"])
    market_in_source: str = Field(description="As the source writes it.", examples=["Bogotá, D.C., Corabastos"])
    seen_from_utc: datetime = Field(
        description="When these amounts were first loaded.", examples=["2026-11-24T19:31:02Z"]
    )
    load_id: int = Field(ge=1, description="The load that wrote it: GET /loads.", examples=[12])


class Revision(Price):
    """Earlier amounts of a price, which a later load replaced."""

    seen_until_utc: datetime = Field(description="When they were replaced.", examples=["2026-11-25T19:30:44Z"])


class ComparedMarket(Answer):
    """The newest price of a product in one market."""

    dataset: Dataset = Field(description=DATASET_TEXT, examples=["city_daily"])
    market: str = Field(description="As GET /markets names it.", examples=["Bogotá, D.C."])
    day: date = Field(description="First day of the newest price.", examples=["2026-11-24"])
    mean_price_cop: float = Field(gt=0, description="Newest mean price, in COP per price_unit.", examples=[2750])
    price_unit: Unit = Field(description="What it is for.", examples=["kg"])
    previous_day: date | None = Field(
        description="Day of the price before; null: there is none.", examples=["2026-11-23"]
    )
    previous_price_cop: float | None = Field(description="Price before, in COP per price_unit.", examples=[2700])
    change_pct: float | None = Field(description="Change against the price before, in per cent.", examples=[1.85])
    load_id: int = Field(ge=1, description="The load that wrote the newest price.", examples=[12])
