"""Merge staged rows into any table by comparison: equal rows stay, and changed amounts leave a revision."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier

from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts

TEMPORARY_SCHEMA = "pg_temp"


@dataclass(frozen=True)
class MergedTable:
    """A table with its staging (``<name>_staging``) and its revisions (``<name>_revisions``).

    Attributes:
        schema: Of the table and its revisions.
        name: Of the table.
        key: Columns that identify a row, by the source's own words.
        columns: Every column but ``seen_from_utc`` and ``load_id``; staging has them too.
        amounts: Columns whose change is a revision.
        staging_schema: Where staging is: the table's own schema, or `TEMPORARY_SCHEMA`, one per session.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    amounts: tuple[str, ...]
    staging_schema: str

    @property
    def production(self) -> Identifier:
        """Return the table itself."""
        return Identifier(self.schema, self.name)

    @property
    def staging(self) -> Identifier:
        """Return the table that rows are copied into."""
        return Identifier(self.staging_schema, f"{self.name}_staging")

    @property
    def revisions(self) -> Identifier:
        """Return the table of earlier versions."""
        return Identifier(self.schema, f"{self.name}_revisions")


def merge(connection: psycopg.Connection, table: MergedTable, *, load_id: int) -> MergeCounts:
    """Merge what is staged; call it in the load's transaction, while nobody else merges rows of the same keys.

    Args:
        connection: Open, owned by the caller.
        table: Whose staging has no key twice.
        load_id: The row of ``ops.loads`` that new and changed rows belong to.
    """
    statement = composed(sql("mercado.warehouse", "merge"), table)
    row = connection.execute(statement, {"load_id": load_id}).fetchone()
    return MergeCounts(*row) if row else MergeCounts()


def composed(statement: bytes, table: MergedTable) -> Composed:
    """Return a statement with the table's names and columns in place of its fields.

    Fields are ``{production}``, ``{staging}`` and ``{revisions}``; the lists ``{key}``, ``{columns}``, ``{amounts}``,
    ``{others}`` (not in the key) and ``{kept_columns}`` (all there are), each also as ``{…_of_<alias>}``; and
    ``{assignments}`` of the others.
    """
    others = [column for column in table.columns if column not in table.key]
    lists: dict[str, Iterable[str]] = {
        "key": table.key,
        "columns": table.columns,
        "amounts": table.amounts,
        "others": others,
        "kept_columns": (*table.columns, "seen_from_utc", "load_id"),
    }
    fields: dict[str, Composable] = {what: column_list(names) for what, names in lists.items()}
    for alias in ("kept", "staged", "compared", "repeated"):
        fields |= {f"{what}_of_{alias}": column_list(names, alias) for what, names in lists.items()}
    assignment = SQL("{column} = compared.{column}")
    fields["assignments"] = SQL(", ").join(assignment.format(column=Identifier(each)) for each in others)
    fields |= {"production": table.production, "staging": table.staging, "revisions": table.revisions}
    return SQL(statement.decode()).format(**fields)


def column_list(columns: Iterable[str], *alias: str) -> Composed:
    """Return the columns, each of the alias, with commas between them."""
    return SQL(", ").join(Identifier(*alias, column) for column in columns)
