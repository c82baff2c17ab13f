"""The contract of DANE's SIPSA web service, as data: operations, fields, keys, units and tables, described once.

Parsing, staging, merging and the simulator's WSDL follow from it. The service (``SrvSipsaUpraBeanService``, JAX-WS,
SOAP 1.2, document/literal wrapped) has six operations and no paging: every call answers the whole window that it keeps.
Each answer is a wrapper with any number of ``<return>`` items whose fields are all optional: what is missing is absent,
never nil. Items and their fields have no namespace, only the wrapper has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mercado.errors import ConfigurationError

NAMESPACE: Final = "http://servicios.sipsa.co.gov.dane/"
SERVICE: Final = "SrvSipsaUpraBeanService"
PORT_TYPE: Final = "SrvSipsaUpraService"
BINDING: Final = "SrvSipsaUpraPortBinding"
PORT: Final = "SrvSipsaUpraPort"
ITEM: Final = "return"


class XsdType(StrEnum):
    """The three XSD types that the service uses."""

    STRING = "string"
    DECIMAL = "decimal"
    DATE_TIME = "dateTime"


class ColumnKind(StrEnum):
    """What a field's text becomes in its column.

    ``DAY`` takes the calendar day that is written, never shifted by its zone; ``INSTANT`` is a moment in time;
    ``CODE`` is a whole number that identifies; ``MUNICIPALITY`` is a DIVIPOLA code, five digits as text.
    """

    TEXT = "text"
    CODE = "bigint"
    AMOUNT = "numeric"
    DAY = "date"
    INSTANT = "timestamptz"
    MUNICIPALITY = "char(5)"


@dataclass(frozen=True)
class Field:
    """A field of an item.

    Attributes:
        name: Of the element.
        xsd_type: Of its text.
        column: Where it is stored, or ``None`` for a field that is only kept in the raw answer.
        kind: What it becomes there.
        required: Whether an item without it is rejected.
    """

    name: str
    xsd_type: XsdType
    column: str | None = None
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of the service.

    Attributes:
        name: Of the request element; its answer is ``<name>Response``.
        item_type: XSD type of an item.
        fields: In the order of the XSD's sequence.
        table: Production table in schema ``sipsa_data``; staging and revisions are named after it.
        key: Columns that identify a row, by the source's own values.
        day: Column of the calendar day that a row is about.
        argument: Name and value of the request's only argument, where there is one.
        stale_after_days: How old the newest day may be by DANE's calendar, holidays included.
        timeout_seconds: Longest silence while the answer comes; the service thinks for minutes.
    """

    name: str
    item_type: str
    fields: tuple[Field, ...]
    table: str
    key: tuple[str, ...]
    day: str
    stale_after_days: int
    argument: tuple[str, int] | None = None
    timeout_seconds: int = 900

    @property
    def columns(self) -> tuple[Field, ...]:
        """Return the fields that have a column."""
        return tuple(field for field in self.fields if field.column is not None)


def _text(name: str, column: str | None = None, *, required: bool = False) -> Field:
    return Field(name, XsdType.STRING, column, ColumnKind.TEXT, required)


def _number(
    name: str, column: str | None = None, kind: ColumnKind = ColumnKind.CODE, *, required: bool = False
) -> Field:
    return Field(name, XsdType.DECIMAL, column, kind, required)


def _day(name: str, column: str) -> Field:
    return Field(name, XsdType.DATE_TIME, column, ColumnKind.DAY, required=True)


# When DANE made the record; absent in the answers of some operations.
_CREATED = Field("fechaCreacion", XsdType.DATE_TIME, "published_at_utc", ColumnKind.INSTANT)
# A flag of the sender ("consumed"); it says nothing about a price.
_SENT = _number("enviado")
_PRODUCT = (
    _number("artiId", "product_code", required=True),
    _text("artiNombre", "product_name", required=True),
)
_SOURCE = (
    _number("fuenId", "market_code", required=True),
    _text("fuenNombre", "market_name", required=True),
)
_COLLECTION = _number("futiId", "collection_code")
_PRICES = (
    _number("maximoKg", "max_price_cop", ColumnKind.AMOUNT),
    _number("minimoKg", "min_price_cop", ColumnKind.AMOUNT),
    _number("promedioKg", "mean_price_cop", ColumnKind.AMOUNT, required=True),
)

CITY_PRICES: Final = Operation(
    name="promediosSipsaCiudad",
    item_type="sipsaPromMayoristasCiudad",
    fields=(
        _text("ciudad", "city_name", required=True),
        _number("codProducto", "product_code", required=True),
        _SENT,
        _day("fechaCaptura", "capture_date"),
        _CREATED,
        _number("precioPromedio", "average_price_cop_per_kg", ColumnKind.AMOUNT, required=True),
        _text("producto", "product_name", required=True),
        _number("regId", "reg_id"),
    ),
    table="sipsa_prices",
    key=("product_code", "city_name", "capture_date"),
    day="capture_date",
    stale_after_days=5,  # the day before, not on Sundays; Holy Week is the longest pause
)
DAILY_MARKET_PRICES: Final = Operation(
    name="promediosSipsaParcial",
    item_type="sipsaPromediosMayoristasParcial",
    fields=(
        _text("artiNombre", "product_name", required=True),
        _text("deptNombre", "department_name"),
        _day("enmaFecha", "survey_date"),
        _number("fuenId", "market_code", required=True),
        _text("fuenNombre", "market_name", required=True),
        _number("futiId", "collection_code", required=True),
        _text("grupNombre", "product_group"),
        _number("idArtiSemana", "product_number", required=True),
        *_PRICES[:2],
        Field("muniId", XsdType.STRING, "municipality_code", ColumnKind.MUNICIPALITY, required=True),
        _text("muniNombre", "municipality_name"),
        _PRICES[2],
    ),
    table="sipsa_market_prices_daily",
    key=("municipality_code", "market_code", "collection_code", "product_number", "survey_date"),
    day="survey_date",
    stale_after_days=5,
    timeout_seconds=3600,
)
WEEKLY_MARKET_PRICES: Final = Operation(
    name="promediosSipsaSemanaMadr",
    item_type="sipsaMayoristasSemanaMadr",
    fields=(
        *_PRODUCT,
        _SENT,
        _CREATED,
        _day("fechaIni", "week_start_date"),
        *_SOURCE,
        _COLLECTION,
        *_PRICES,
        _number("tmpMayoSemId", "record_id"),
    ),
    table="sipsa_market_prices_weekly",
    key=("product_code", "market_code", "week_start_date"),
    day="week_start_date",
    stale_after_days=17,  # a week's first day, when the week is over
)
MONTHLY_MARKET_PRICES: Final = Operation(
    name="promediosSipsaMesMadr",
    item_type="sipsaMayoristasMesMadr",
    fields=(
        *_PRODUCT,
        _SENT,
        _CREATED,
        _day("fechaMesIni", "month_start_date"),
        *_SOURCE,
        _COLLECTION,
        *_PRICES,
        _number("tmpMayoMesId", "record_id"),
    ),
    table="sipsa_market_prices_monthly",
    key=("product_code", "market_code", "month_start_date"),
    day="month_start_date",
    stale_after_days=75,  # the month before, on the 8th
)
MONTHLY_SUPPLY: Final = Operation(
    name="promedioAbasSipsaMesMadr",
    item_type="sipsaAbastecimientosMesMadr",
    fields=(
        *_PRODUCT,
        _number("cantidadTon", "supply_tonnes", ColumnKind.AMOUNT, required=True),
        _SENT,
        _CREATED,
        _day("fechaMesIni", "month_start_date"),
        *_SOURCE,
        _COLLECTION,
        _number("tmpAbasMesId", "record_id"),
    ),
    table="sipsa_supply_monthly",
    key=("product_code", "market_code", "month_start_date"),
    day="month_start_date",
    stale_after_days=110,  # two months behind, on the 10th
)
MONTHLY_FARM_INPUTS: Final = Operation(
    name="consultarInsumosSipsaMesMadr",
    item_type="sipsaInsumosMesMadr",
    fields=(
        _text("deptNombre", "department_name"),
        _SENT,
        _CREATED,
        _day("fechaMesIni", "month_start_date"),
        _text("insumoNombre", "input_name", required=True),
        Field("muniId", XsdType.STRING, "municipality_code", ColumnKind.MUNICIPALITY, required=True),
        _text("muniNombre", "municipality_name"),
        _number("promedio", "average_price_cop", ColumnKind.AMOUNT, required=True),
        _number("tireId", "collection_type_code", required=True),
        _text("tireNombre", "collection_type_name"),
        _number("tmpInsMesId", "record_id"),
    ),
    table="sipsa_farm_inputs_monthly",
    key=("municipality_code", "input_name", "collection_type_code", "month_start_date"),
    day="month_start_date",
    stale_after_days=110,  # undocumented; seen two months behind
    # Type of collection: 4 is INSUMOS AGRICOLAS, the only one that DANE's guide documents.
    argument=("arg0", 4),
)
OPERATIONS: Final = (
    CITY_PRICES,
    DAILY_MARKET_PRICES,
    WEEKLY_MARKET_PRICES,
    MONTHLY_MARKET_PRICES,
    MONTHLY_SUPPLY,
    MONTHLY_FARM_INPUTS,
)


def operations_named(names: Sequence[str] | None) -> tuple[Operation, ...]:
    """Return the operations of these names, in the contract's order; all when none is named.

    Raises:
        ConfigurationError: The service has no operation of such a name.
    """
    known = {operation.name: operation for operation in OPERATIONS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ConfigurationError(f"No operation {', '.join(unknown)}: the service has {', '.join(known)}.")
    return tuple(operation for operation in OPERATIONS if not names or operation.name in names)
