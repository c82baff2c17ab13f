"""Small workbooks of both layouts, cell by cell, in either container; each test spoils what it is about."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import xlsxwriter
import xlwt

Rows = list[list[object]]
Range = tuple[int, int, int, int]

DAY = "Viernes 18 de septiembre de 2026"
WEEK = "Boletín semanal precios mayoristas - 25 al 31 de octubre de 2025"
SUPPLY_TITLE = "1.9. Abastecimiento semanal por grupo de alimentos\ndel 16 al 29 de octubre de 2025"
GROUPS = {
    "1.1": "Verduras y hortalizas",
    "1.2": "Frutas frescas",
    "1.3": "Tubérculos raíces y plátanos",
    "1.4": "Granos y cereales",
    "1.5": "Huevos y lácteos**",
    "1.6": "Carnes",
    "1.7": "Pescados",
    "1.8": "Productos procesados**",
}
LEGEND = ["Tendencia*", "Menor a -20,01%              ---", "n.d: no disponible"]


@dataclass(frozen=True)
class Formula:
    """A formula and the value that the spreadsheet program left for it; in an .xls only its error, as an error cell."""

    text: str
    value: object


def xlsx(
    sheets: Mapping[str, Rows], *, merged: Mapping[str, list[Range]] | None = None, hidden: tuple[str, ...] = ()
) -> bytes:
    """Return an .xlsx of sheets, each its rows from A1 on; ``None`` leaves a cell out."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for first_row, first_column, last_row, last_column in (merged or {}).get(name, []):
            sheet.merge_range(first_row, first_column, last_row, last_column, "")
        for place, value in _cells(rows):
            if isinstance(value, date):
                sheet.write_datetime(*place, value, day)
            elif isinstance(value, Formula):
                sheet.write_formula(*place, value.text, None, value.value)
            elif isinstance(value, str):
                sheet.write_string(*place, value)
            else:
                sheet.write(*place, value)
    book.close()
    return stream.getvalue()


def xls(sheets: Mapping[str, Rows]) -> bytes:
    """Return an .xls (BIFF8) of sheets, as `xlsx` does."""
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for place, value in _cells(rows):
            if isinstance(value, Formula):
                sheet.row(place[0]).set_cell_error(place[1], value.value)
            else:
                sheet.write(*place, value, *([day] if isinstance(value, date) else []))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(workbook: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """Return an .xlsx, one of whose members has other bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            assert name != member or old in data
            target.writestr(name, data.replace(old, new) if name == member else data)
    return stream.getvalue()


def daily() -> dict[str, Rows]:
    """Return a daily workbook with 7 prices of 3 products in 3 markets."""
    return {
        "Boletín diario": [
            ["Boletín diario de precios mayoristas"],
            [DAY],
            ["Precio $/Kg", "Armenia, Mercar", None, "Bogotá, Corabastos", None, "Ibagué, \nLa 21", None],
            [None, "Precio", "Var %", "Precio", "Var %", "Precio", "Var %"],
            ["Verduras y hortalizas"],
            ["Ahuyama", 1300, 0.03, "n.d.", "n.d.", 1350, 0],
            ["Tomate*", 2100, -0.05, 2300, 0, "n,d,", None],
            ["Frutas"],
            ["Papa  negra* ", 1850, 0, 2600, 0.019, 1950, 0.02],
            [],
            ["* Variedad predominante en el mercado"],
            ["n.d.: no disponible"],
            ["Var %: variación porcentual frente al día de mercado anterior"],
            ["Fuente: DANE - SIPSA"],
        ]
    }


def weekly() -> dict[str, Rows]:
    """Return a weekly workbook with two prices in each of its eight sheets, its data from row 12 on."""
    index: Rows = [[], [], [], [], ["Boletín semanal precios mayoristas - 25 al 31 de octubre de 2025"]]
    return {"Índice": index} | {name: price_sheet(name) for name in GROUPS}


def price_sheet(name: str) -> Rows:
    """Return a sheet of prices of the weekly workbook."""
    return [
        *([], []),
        [*[None] * 6, "Regresar al índice"],
        [WEEK],
        [],
        [f"{name}. {GROUPS[name]}"],
        *([], [], []),
        ["Producto", "Mercado mayorista", "          Pesos por kilogramo", None, None, "Tendencia*"],
        [None, None, "Precio mínimo", "Precio máximo", "Precio medio"],
        ["Acelga", "Armenia, Mercar", 1333, 1467, 1400, "="],
        ["Huevo rojo AA", "Bogotá, D.C., Corabastos", 400.5, 420, 410.25, "n.d."],
        [],
        *([line] for line in LEGEND),
    ]


def supply_sheet() -> Rows:
    """Return a sheet of supply: all markets, then Armenia below and Ipiales and Montería on the right, a row lower."""
    heads = ["GRUPO", "16 - 22 oct", "23 - 29 oct", "Variación (%)"]
    return [
        *([], []),
        [WEEK],
        [],
        [SUPPLY_TITLE],
        *([], [], []),
        ["TOTAL MERCADOS***", None, None, None, None, "Ipiales, Centro de Acopio**"],
        [*heads, None, *heads],
        ["Frutas", 30.5, 23.25, -0.2377049180327869, None, "Frutas", 10, 0, -1],
        ["Otros grupos*", 6, 7, 0.16666666666666666, None, "Total", 10, 0, -1],
        ["TOTAL GENERAL", 36.5, 30.25, -0.1712],
        [None, None, None, None, None, "Montería, Mercado del Sur"],
        ["Armenia, Mercar", None, None, None, None, *heads],
        [*heads, None, "Frutas", 0, 3.1000000000000005, "-"],
        ["Frutas", 20.5, 20.15, -0.01707317073170732, None, "Otros grupos*", 2, 2, 0],
        ["Otros grupos*", 4, 5, 0.25, None, "Total", 2, 5.1, 1.55],
        ["Total", 24.5, 25.15, 0.0265],
        [],
        ["FUENTE: DANE - SIPSA"],
        ["* Otros grupos comprende: carnes, granos y cereales, lácteos y huevos, pescados y procesados."],
    ]


def rice_sheet() -> Rows:
    """Return a sheet of rice, its places named like markets."""
    return [
        *([], [], []),
        ["Precios de arroz y subproductos en molino - Septiembre de 2022"],
        [],
        ["1.9. Arroz y subproductos en molino"],
        *([], [], []),
        ["Producto", "Mercado mayorista", "          Pesos por tonelada", None, None, "Tendencia*"],
        [None, None, "Precio mínimo", "Precio máximo", "Precio medio"],
        ["Arroz blanco empacado", "Cúcuta (Norte de Santander)", 3600000, 3740000, 3666666.6666666665, "="],
        ["Harina de arroz", "Yopal (Casanare)", 1522000, 1650000, 1569400, "++"],
        [],
        *([line] for line in LEGEND),
    ]


def coded_rice_sheet() -> Rows:
    """Return a sheet of rice with DIVIPOLA codes, its header a row higher."""
    return [
        *([], [], []),
        ["SISTEMA DE INFORMACIÓN DE PRECIOS Y ABASTECIMIENTO DEL SECTOR AGROPECUARIO  -SIPSA-"],
        [],
        ["Productos y subproductos de arroz en molino\r\nDiciembre de 2020"],
        *([], []),
        [
            *("Producto", "Código departamento", "Nombre departamento ", "Código municipio", "Nombre municipio "),
            *("          Pesos por tonelada", None, None, "Tendencia"),
        ],
        [*[None] * 5, "Precio mínimo", "Precio máximo", "Precio medio"],
        ["Arroz cristal", "50", "Meta", "50006", "Acacías", 1300000, 1300000, 1300000, "--"],
        ["Arroz granza", "23", "Córdoba", 23555, "Planeta Rica", 1124000, 1124000, 1124000, "n.d"],
        [],
        ["Tendencia"],
        ["Menor a -12%", "---"],
    ]


def _cells(rows: Rows) -> list[tuple[tuple[int, int], object]]:
    return [
        ((row, column), value)
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value is not None
    ]
