"""How badly a workbook is written: switches, each for something that was seen in DANE's files or is said of them.

What was seen where is in the project's notes on SIPSA, section 3; in brackets the file or the public reader that
tells. The defaults are a clean workbook.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tests.simulators.workbooks.faults import DailyFault, WeeklyFault
from tests.simulators.workbooks.spanish import PeriodForm, WeekForm


class TextNumbers(Enum):
    """Numbers that are texts, with this decimal sign and nothing between thousands.

    The 254 weekly files have none in their data; a sheet that went through a program in another language has.
    """

    COMMA = ","
    POINT = "."


class DayForm(Enum):
    """How the day stands in a daily workbook.

    ``SPANISH`` is "Viernes 18 de septiembre de 2026", ``EXCEL`` an Excel date (some files of 2012), ``ENGLISH``
    "Thursday, December 25, 2025" (once).
    """

    SPANISH = "Spanish"
    EXCEL = "Excel"
    ENGLISH = "English"


class Twin(Enum):
    """Prices of a market's second pair of columns: ``EQUAL``, or ``CONFLICTING``, each a peso more."""

    EQUAL = "equal"
    CONFLICTING = "conflicting"


@dataclass(frozen=True)
class DailyDirt:
    """How a daily workbook is written.

    Attributes:
        blank_title: No title above the date (newer files: there is a logo).
        day_form: How the day is written.
        two_row_header: The city in one row, the market below it: "Bogotá" / "Corabastos" [agro-amigo].
        product_label: "Producto" beside the labels "Precio" and "Var %".
        broken_lines: Line breaks after the comma in names of markets: "Ibagué,", then "La 21".
        twin_market: The first market a second time, right after itself (10 March 2022: Pereira, Mercasa).
        missing_headers: So many markets, from the right, have no name (29 November 2012: 60 of 238 prices).
        double_spaces: Two spaces within names of products: "Papa  criolla".
        stray_stars: A star and a space after names of products that have none: "Guayaba* ".
        empty_sheet: A second sheet, "Hoja1", with nothing in it.
        side_columns: So many columns of numbers to the right of everything, without any header.
        not_available: How a missing price is spelt: "n.d.", "n.d", "N.D.", "n,d,", or not at all.
        text_numbers: Prices and variations are texts.
        fault: What makes the workbook unusable.
    """

    blank_title: bool = False
    day_form: DayForm = DayForm.SPANISH
    two_row_header: bool = False
    product_label: bool = False
    broken_lines: bool = False
    twin_market: Twin | None = None
    missing_headers: int = 0
    double_spaces: bool = False
    stray_stars: bool = False
    empty_sheet: bool = False
    side_columns: int = 0
    not_available: str = "n.d."
    text_numbers: TextNumbers | None = None
    fault: DailyFault | None = None


@dataclass(frozen=True)
class WeeklyDirt:
    """How a weekly workbook is written.

    Attributes:
        period_form: Of the titles.
        title_double_space: Two spaces before the period (28 December 2024, 2 January 2021).
        title_star: " *" at the end of the titles.
        index_misspelt: The index sheet was updated in "juno" (5 June 2021).
        dairy_first: Sheet 1.5 is of "Lácteos y huevos" (2 January 2021, 2 October 2021).
        all_commas: Commas for the points in names and trends of the price sheets: "Bogotá, D,C,, Corabastos", "n,d,"
            (18 June 2022).
        title_case: Products in Title Case: "Arveja Verde En Vaina" (13 November 2021).
        old_markets: "Cali, Santa Helena", "Pereira, La 41", "San Gil (Santander)panela", as before they were changed.
        text_numbers: Prices of the price sheets are texts.
        blank_rows: So many empty rows between prices and legend (2 January 2021: eight in 1.4).
        legend_in_column_b: The legend of 1.4 stands in column B (17 August 2024).
        narrow_legend: Trends are said to change at 3, 7 and 12 % instead of 0, 10 and 20 % (52 sheets).
        repeated_rows: So many of the last rows of the last price sheet stand there twice (21 August 2021: six).
        conflicting_rows: So many of these, from the last one up, with another mean (21 August 2021: one).
        zero_minima: In so many sheets, from the last one up, the first row has the minimum 0 (15 June 2024: one row).
        supply_sheet_space: The sheet of supply is called "1.9 " (27 files, November 2024 on).
        supply_row_lower: All of supply stands a row lower (18 June 2022).
        week_form: Of the columns of supply.
        supply_double_space: "Medellín,  Central Mayorista de Antioquia y …" in supply (18 June 2022).
        float_noise: Tonnes a binary step too high, as sums of fractions are: 33365.23100000001 (25 October 2025).
        plain_other_groups: "Otros grupos" without its star (18 June 2022).
        leftover_legend: The price sheets' legend three hundred rows below supply (25 October 2025).
        fault: What makes the workbook unusable.
    """

    period_form: PeriodForm = PeriodForm.PLAIN
    title_double_space: bool = False
    title_star: bool = False
    index_misspelt: bool = False
    dairy_first: bool = False
    all_commas: bool = False
    title_case: bool = False
    old_markets: bool = False
    text_numbers: TextNumbers | None = None
    blank_rows: int = 1
    legend_in_column_b: bool = False
    narrow_legend: bool = False
    repeated_rows: int = 0
    conflicting_rows: int = 0
    zero_minima: int = 0
    supply_sheet_space: bool = False
    supply_row_lower: bool = False
    week_form: WeekForm = WeekForm.SPACED
    supply_double_space: bool = False
    float_noise: bool = False
    plain_other_groups: bool = False
    leftover_legend: bool = False
    fault: WeeklyFault | None = None


CLEAN_DAILY: Final = DailyDirt()
CLEAN_WEEKLY: Final = WeeklyDirt()
