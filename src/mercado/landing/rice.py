"""Prices of rice at the mill: pesos per tonne, of a month, in a sheet of some weekly workbooks."""

from mercado.landing.dates import month_in
from mercado.landing.layouts import RICE, RICE_TITLE
from mercado.landing.long_rows import LongReader, long_columns
from mercado.landing.readings import LocatedRow, TableReading, without_repeats
from mercado.landing.spreadsheet import Sheet
from mercado.landing.tables import MONTHLY_RICE
from mercado.landing.titles import dated_title
from mercado.sipsa.names import city_code


def read_rice(sheet: Sheet) -> TableReading:
    """Return what a sheet says for the table of rice; a municipality's code is the one stated, else its name's.

    Raises:
        RejectedFileError: A head or the month is missing, or the month does not exist.
    """
    columns = long_columns(sheet, RICE)
    expected = 'a month such as "Septiembre de 2022"'
    month, *_ = dated_title(sheet, columns.first_row, month_in, expected=expected, word=RICE_TITLE)
    reader = LongReader(sheet, columns)
    located = [
        LocatedRow(
            (
                *(row.product, row.place, month, row.minimum, row.maximum, row.mean, row.trend),
                row.code or city_code(row.place),
            ),
            row.row,
            columns.prices,
        )
        for row in reader.rows
    ]
    return without_repeats(located, MONTHLY_RICE, sheet.name, read=reader.read, rejected=reader.rejected)
