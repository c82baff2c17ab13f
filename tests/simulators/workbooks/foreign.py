"""A workbook that has nothing to do with prices: DANE publishes hundreds of them, and one gets dropped by mistake."""

from itertools import repeat
from typing import Final

from tests.simulators.workbooks.containers import Container, workbook_bytes
from tests.simulators.workbooks.sheets import Look, Sheet

FILE_NAME: Final = "Registro-de-activos-de-informacion.xlsx"
REASON: Final = "layout"
"""A phrase that the refusal of such a workbook contains, in any case."""
_HEADER: Final = ("Número", "Nombre del activo", "Proceso", "Medio de conservación", "Fecha de generación", "Precio")
_ASSETS: Final = (
    "Actas de comité",
    "Acuerdos de confidencialidad",
    "Bases de datos de encuestas",
    "Boletines técnicos",
    "Inventario de equipos",
    "Manual de recolección",
)
_ROWS: Final = 60


def foreign_workbook(*, container: Container = "xlsx") -> bytes:
    """Return a register of documents; the words "Precio", "Producto" and a date in it are no price table."""
    register = Sheet("Activos de información")
    register.put(0, 0, "Registro de activos de información - 30 de junio de 2026", Look.TITLE)
    register.put_row(2, _HEADER, looks=repeat(Look.HEADER))
    for number in range(_ROWS):
        name = f"{_ASSETS[number % len(_ASSETS)]}, volumen {number // len(_ASSETS) + 1}"
        register.put_row(3 + number, (float(number + 1), name, "Producto estadístico", "Digital", "Anual", "Sin costo"))
    return workbook_bytes([register, Sheet("Hoja2")], container=container)
