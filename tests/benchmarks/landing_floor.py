"""The floor: every cell of the same workbooks read by calamine, and their filled rows copied as text, no more."""

import os
import sys
from pathlib import Path

import psycopg
from python_calamine import CalamineWorkbook

if __name__ == "__main__":
    with psycopg.connect(os.environ["MERCADO_WAREHOUSE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("create unlogged table if not exists floor_rows (cells text)")
        for file in sorted(Path(sys.argv[1]).iterdir()):
            with file.open("rb") as stream, cursor.copy("copy floor_rows from stdin") as copy:
                workbook = CalamineWorkbook.from_filelike(stream)
                for name in workbook.sheet_names:
                    for row in workbook.get_sheet_by_name(name).to_python():
                        copy.write_row(["|".join(map(str, row))])
