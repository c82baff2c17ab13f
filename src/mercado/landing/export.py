"""The long rows of a workbook as files, for a person who wants them without a database."""

import csv
from enum import StrEnum
from pathlib import Path

from mercado.errors import ConfigurationError
from mercado.landing.document import Document, Row
from mercado.landing.tables import LandingTable


class ExportFormat(StrEnum):
    """What kind of file."""

    CSV = "csv"
    PARQUET = "parquet"


def export_rows(document: Document, stem: Path, to: ExportFormat) -> list[Path]:
    """Write a document's rows beside ``stem``, one file per table that has rows, and return the files.

    Args:
        document: As read.
        stem: Folder and beginning of the names: ``<stem>.<table>.csv``.
        to: CSV in UTF-8 with a header, or Parquet, where amounts are decimals.

    Raises:
        ConfigurationError: Parquet is wanted, but pyarrow is not installed.
    """
    write = _write_csv if to is ExportFormat.CSV else _write_parquet
    files = []
    for table, rows in document.rows.items():
        if rows:
            file = stem.with_name(f"{stem.name}.{table.name}.{to}")
            write(table, rows, file)
            files.append(file)
    return files


def _write_csv(table: LandingTable, rows: list[Row], file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table.columns)
        writer.writerows(rows)


def _write_parquet(table: LandingTable, rows: list[Row], file: Path) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ConfigurationError("Parquet needs the package pyarrow, which is not installed: use --to csv.") from error
    columns = dict(zip(table.columns, map(list, zip(*rows, strict=True)), strict=True))
    parquet.write_table(pyarrow.table(columns), file)
