"""docs/operating.md names every id that the doctor's code gives, and none that it does not."""

import re

from mercado.local.platform import REPOSITORY

SOURCES = REPOSITORY / "src" / "mercado" / "doctor"
ID = re.compile(
    r'"((?:platform|python|packages|secrets|machine|airflow|mlflow|database|warehouse|data|landing|folders|'
    r'dags|model|backup|ports|processes|containers)\.[a-z-]+)"'
)


def given() -> set[str]:
    return {found for file in SOURCES.glob("*.py") for found in ID.findall(file.read_text(encoding="utf-8"))}


def documented() -> set[str]:
    """Return the ids of the first table; in it ``.zone`` after ``database.answers`` is short for ``database.zone``."""
    section = (
        (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8").partition("## What the doctor checks")[2]
    )
    ids = set()
    for row in re.findall(r"^\| (`[a-z-]+\..*?) \|", section.partition("### Known traps")[0], re.MULTILINE):
        concern = ""
        for stated in re.findall(r"`([a-z-]*)\.([a-z-]+)`", row):
            concern = stated[0] or concern
            ids.add(f"{concern}.{stated[1]}")
    return ids


def test_every_id_is_documented_and_every_documented_id_exists() -> None:
    assert given() == documented()


def test_the_table_of_traps_names_only_ids_that_exist() -> None:
    traps = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8").partition("### Known traps")[2]
    named = set(re.findall(r"`([a-z]+\.[a-z-]+)`", traps.partition("\n## ")[0])) - {"dag.test"}
    assert named <= given()
