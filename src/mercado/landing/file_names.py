"""The dates in a workbook's name, as far as they can be told: names are typed by hand, and often wrong."""

import re
from datetime import date
from pathlib import PurePath
from typing import Final

from mercado.landing.dates import MONTHS, Period
from mercado.sipsa.names import simplified

_TOKEN: Final = re.compile(r"[0-9]+|[a-z]+")
# Day, month, year, "to", anything else. The longest form is looked for first.
_DAY, _MONTH, _YEAR, _TO, _OTHER = "dmyt."
_FORMS: Final = tuple(map(re.compile, ("dmy?t?dmy", "dtdmy", "mdy", "dmy")))


def dates_in_name(file_name: str) -> Period | None:
    """Return the day or the week that a name tells, or ``None`` where it tells none.

    Forms that DANE has used: ``Sem_05jun_2021_11jun_2021``, ``anex_25feb_al_03mar_2023``,
    ``anex-SIPSASemanal-28dic-3ene-2025``, ``mayoristas_anexo_sept_28_2012``, ``anex-SIPSADiario-08sep2026``.
    """
    tokens = _TOKEN.findall(simplified(PurePath(file_name).stem))
    kinds = "".join(map(_kind, tokens))
    for form in _FORMS:
        if found := form.search(kinds):
            return _period(list(zip(found[0], tokens[found.start() : found.end()], strict=True)))
    return None


def _kind(token: str) -> str:
    if token in MONTHS:
        return _MONTH
    if re.fullmatch("[0-9]{1,2}", token):
        return _DAY
    if token in ("a", "al"):
        return _TO
    return _YEAR if re.fullmatch("20[0-9]{2}", token) else _OTHER


def _period(parts: list[tuple[str, str]]) -> Period | None:
    days, months, years = ([token for kind, token in parts if kind == wanted] for wanted in (_DAY, _MONTH, _YEAR))
    try:
        last = date(int(years[-1]), MONTHS[months[-1]], int(days[-1]))
        first = date(int(years[0]), MONTHS[months[0]], int(days[0]))
        if first > last and len(years) == 1:
            first = first.replace(year=last.year - 1)
    except ValueError:
        return None
    return Period(first, last) if first <= last else None
