"""A task's note in Airflow's UI: what was done, in counts and links, or why it was not.

Airflow lets a person write notes, but has no call for its tasks: ADR 17 says why they are written like this. A note is
never a reason to fail, and never takes the place of one that a person wrote.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg
from airflow.sdk import get_current_context

from mercado.errors import MercadoError
from mercado.settings import AirflowSettings
from mercado.warehouse.connection import connect, sql

log = logging.getLogger(__name__)
PACKAGE: Final = "mercado_airflow"
# Whom Airflow names as the author; a person's note has their user id, which is a number.
AUTHOR: Final = "mercado"
# Airflow's column holds no more characters.
LONGEST: Final = 1000
# Of one message, so that the links after it have room.
LONGEST_TEXT: Final = 600
MORE: Final = "…"
# Scheduler and api-server lock a task's row for an instant; a note waits no longer than that.
PATIENCE: Final = "set statement_timeout = '3s'"
# What would begin an emphasis, a link, a cell or a tag.
MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~#])")


def note(*lines: str) -> None:
    """Write the note of the task that runs, in place of what an earlier try of it noted.

    Args:
        lines: Paragraphs and list items, in Markdown; those that are beyond Airflow's limit are left out.
    """
    _write(get_current_context(), lines)


def note_failure(context: Mapping[str, Any]) -> None:
    """Note why a task failed: its error's message, and what the error's own notes add (`BaseException.add_note`)."""
    error, task = context["exception"], context["ti"]
    again = "; it will be tried again" if task.state == "up_for_retry" else ""
    _write(context, [f"**Failed** at try {task.try_number}{again}.", _said(error), *getattr(error, "__notes__", ())])


def note_skip(context: Mapping[str, Any]) -> None:
    """Note why a task had nothing to do."""
    _write(context, [f"**Skipped.** {_said(context['exception'])}"])


def plain(text: str) -> str:
    """Return a text on one line, so that Markdown shows it as it is; its end, if it is long, is left out."""
    one_line = " ".join(text.split())
    shown = one_line if len(one_line) <= LONGEST_TEXT else f"{one_line[:LONGEST_TEXT]} {MORE}"
    return MARKUP.sub(r"\\\1", shown)


def counted(counts: Mapping[str, Any]) -> str:
    """Return a list item with those counts of a load that are there, in the order in which rows go through it."""
    names = ("read", "inserted", "updated", "unchanged", "rejected")
    return "- " + " · ".join(f"{counts[name]:,} {name}" for name in names if name in counts)


def fitting(lines: Iterable[str]) -> str:
    """Return as many whole lines as Airflow's column holds; a mark says that there were more."""
    room, kept = LONGEST - len(MORE) - 2, ""
    for line in lines:
        longer = f"{kept}{_separator(kept, line)}{line}"
        if len(longer) > room:
            return f"{kept}\n\n{MORE}" if kept else f"{line[:room]} {MORE}"
        kept = longer
    return kept


def _separator(before: str, line: str) -> str:
    """Return what parts two lines: items of a list stand together, anything else is a paragraph."""
    if not before:
        return ""
    return "\n" if line.startswith("- ") and before.splitlines()[-1].startswith("- ") else "\n\n"


def _said(error: BaseException | None) -> str:
    if error is None:
        return "The task's log says why."
    message = plain(str(error)) or "no message"
    return message if isinstance(error, MercadoError) or _is_airflows(error) else f"{type(error).__name__}: {message}"


def _is_airflows(error: BaseException) -> bool:
    return type(error).__module__.startswith("airflow.")


def _write(context: Mapping[str, Any], lines: Iterable[str]) -> None:
    task = context["ti"]
    names = {name: getattr(task, name) for name in ("dag_id", "run_id", "task_id", "map_index")}
    try:
        with connect(AirflowSettings.read().resolved_url(), application="airflow note") as connection:
            connection.execute(PATIENCE)
            connection.execute(sql(PACKAGE, "write_note"), names | {"author": AUTHOR, "content": fitting(lines)})
    except (MercadoError, psycopg.Error) as error:
        log.warning("The note of this task could not be written, which changes nothing else: %s", error)
