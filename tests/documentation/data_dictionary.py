"""docs/data-dictionary.md, made from the comments of a migrated warehouse; `make docs` writes it, a test compares."""

import re
from pathlib import Path
from typing import Final

from tests.documentation.catalogue import Catalogue, Column, Function, Relation

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "data-dictionary.md"
COMPANION: Final = re.compile("_(staging|revisions)$")
HEAD: Final = """# Data dictionary

Every table, view and function of the database `warehouse_db`, written by `make docs` from the comments in the
database; a test compares. In `psql`, `\\d+ market_data.klines` shows the same. Instants (`…_utc`) are UTC; days are
calendar days of Bogotá; COP are Colombian pesos; prices are `numeric`, exact to the source's last digit.

In the column *key*: **P** part of the primary key, **U** unique, **→** refers to another table. Columns are never null
unless *null* says so, but in views, of which PostgreSQL does not know it. The conditions are those that it enforces on
each row. A table `…_revisions` has a table's earlier amounts, a table `…_staging` the rows of a load under way; both
stand behind their table.
"""


def data_dictionary(catalogue: Catalogue) -> str:
    """Return the page in Markdown."""
    parts = [HEAD, _contents(catalogue)]
    for schema, comment in catalogue.schemas.items():
        parts.append(f"## {schema}\n\n{comment}\n")
        own = {each.name: each for each in catalogue.relations if each.schema == schema}
        parts += [_section(relation, own) for relation in own.values()]
        if functions := [each for each in catalogue.functions if each.schema == schema]:
            parts.append(_functions(functions))
    return "\n".join(parts)


def _contents(catalogue: Catalogue) -> str:
    names = {each.name for each in catalogue.relations}
    rows = [
        f"| {_link(f'{each.schema}.{each.name}')} | {'view' if each.is_view else 'table'} | {_cell(each.comment)} |"
        for schema in catalogue.schemas
        for each in catalogue.relations
        if each.schema == schema and _owner(each) not in names - {each.name}
    ]
    return "\n".join(["| | | |", "|---|---|---|", *rows, ""])


def _section(relation: Relation, others: dict[str, Relation]) -> str:
    lines = [f"### {relation.schema}.{relation.name}", "", relation.comment, ""]
    owner = others.get(_owner(relation))
    columns = relation.columns
    if owner and owner is not relation:
        shared = {column.name: (column.type, column.comment) for column in owner.columns}
        columns = tuple(each for each in columns if shared.get(each.name) != (each.type, each.comment))
        absent = [name for name in shared if name not in {each.name for each in relation.columns}]
        without = f" without {' and '.join(f'`{name}`' for name in absent)}" if absent else ""
        lines += [f"The columns of {_link(f'{owner.schema}.{owner.name}')}{without}, and:", ""]
    rows = [_row(column, of_view=relation.is_view) for column in columns]
    lines += ["| column | type | null | key | |", "|---|---|---|---|---|", *rows, ""]
    if relation.checks and (not owner or owner is relation):
        lines += [*(f"- `{_condition(check)}`" for check in relation.checks), ""]
    return "\n".join(lines)


def _owner(relation: Relation) -> str:
    """Return the name of the table that a staging or revisions table belongs to; of any other its own."""
    return COMPANION.sub("", relation.name)


def _row(column: Column, *, of_view: bool) -> str:
    key = "P" if column.key else "U" if column.unique else ""
    if column.refers_to:
        key = f"{key} → {_link(column.refers_to)}".strip()
    null = "null" if column.nullable and not of_view else ""
    return f"| `{column.name}` | {column.type} | {null} | {key} | {_cell(column.comment)} |"


def _functions(functions: list[Function]) -> str:
    rows = [f"| `{each.name}({each.arguments})` | `{each.result}` | {_cell(each.comment)} |" for each in functions]
    title = f"### Functions of {functions[0].schema}"
    return "\n".join([title, "", "| function | returns | |", "|---|---|---|", *rows, ""])


def _condition(check: str) -> str:
    """Return a condition as a person writes it: in lower case, without the types that PostgreSQL adds."""
    condition = re.sub("::[a-z]+( [a-z]+)?(\\[\\])?", "", " ".join(check.removeprefix("CHECK (")[:-1].split()))
    condition = re.sub("= ANY \\(ARRAY\\[(.*?)\\]\\)", "in (\\1)", condition)
    return re.sub(
        "'[^']*'|[^']+", lambda part: part.group() if part.group()[0] == "'" else part.group().lower(), condition
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _link(name: str) -> str:
    return f"[`{name}`](#{name.replace('.', '')})"
