"""The plain way to load DANE's workbooks: pandas' default readers, a reshape by hand, ``to_sql``.

Run by an environment of its own, which has openpyxl and xlrd; so it imports nothing of the project.

Usage: ``python landing_plain.py URL FOLDER [ENGINE]``.
"""

import sys
from pathlib import Path

import pandas as pd
import sqlalchemy

PRICE_SHEETS = {f"1.{number}" for number in range(1, 9)}
WEEKLY = ["product", "market", "minimum", "maximum", "mean", "trend"]


def weekly(book: dict[str, pd.DataFrame]) -> pd.DataFrame:
    frames = []
    for name, sheet in book.items():
        if name.strip() not in PRICE_SHEETS:
            continue
        start = sheet.index[sheet[0].astype(str).str.strip() == "Producto"][0] + 2
        rows = sheet.iloc[start:, :6].set_axis(WEEKLY, axis=1)
        for column in WEEKLY[2:5]:
            rows[column] = pd.to_numeric(rows[column], errors="coerce")
        frames.append(rows.dropna(subset=["product", "market", "mean"]).assign(sheet=name, title=str(sheet.iat[3, 0])))
    return pd.concat(frames)


def daily(sheet: pd.DataFrame) -> pd.DataFrame:
    header = sheet.index[sheet[0].astype(str).str.startswith("Precio")][0]
    markets = sheet.iloc[header].ffill()
    frames = []
    for column in range(1, sheet.shape[1] - 1, 2):
        rows = sheet.iloc[header + 2 :, [0, column, column + 1]].set_axis(["product", "mean", "variation"], axis=1)
        rows["mean"] = pd.to_numeric(rows["mean"], errors="coerce")
        frames.append(rows.dropna(subset=["mean"]).assign(market=markets[column], title=str(sheet.iat[1, 0])))
    return pd.concat(frames).astype({"variation": str})


if __name__ == "__main__":
    url, folder, engine = sys.argv[1], Path(sys.argv[2]), (sys.argv[3:] or [None])[0]
    database = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg2:"))
    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            book = pd.read_excel(stream, sheet_name=None, header=None, engine=engine)
        is_weekly = "1.1" in book
        rows = weekly(book) if is_weekly else daily(next(iter(book.values())))
        with database.begin() as connection:
            rows.to_sql("plain_weekly" if is_weekly else "plain_daily", connection, if_exists="append", index=False)
