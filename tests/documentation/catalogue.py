"""What a migrated warehouse says of itself: its tables, views and functions with their comments."""

from dataclasses import dataclass
from typing import Final

import psycopg

SCHEMAS: Final = ("sipsa_data", "market_data", "ops")
RELATIONS: Final = """
    select n.nspname, c.relname, c.relkind = 'v', coalesce(obj_description(c.oid, 'pg_class'), ''), c.oid
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any (%s) and c.relkind in ('r', 'p', 'v', 'm')
    order by n.nspname, c.relname
"""
COLUMNS: Final = """
    select a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
        coalesce(pg_get_expr(d.adbin, d.adrelid), ''), coalesce(col_description(a.attrelid, a.attnum), '')
    from pg_attribute as a left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""
KEYS: Final = """
    select k.contype::text, a.attname, coalesce(f.nspname || '.' || t.relname, '')
    from pg_constraint as k
    cross join unnest(k.conkey) as key (attnum)
    join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = key.attnum
    left join pg_class as t on t.oid = k.confrelid
    left join pg_namespace as f on f.oid = t.relnamespace
    where k.conrelid = %s and k.contype in ('p', 'u', 'f')
"""
CHECKS: Final = """
    select pg_get_constraintdef(oid, true) from pg_constraint where conrelid = %s and contype = 'c' order by conname
"""
FUNCTIONS: Final = """
    select n.nspname, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
        coalesce(obj_description(p.oid, 'pg_proc'), '')
    from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = any (%s)
    order by n.nspname, p.proname
"""


@dataclass(frozen=True)
class Column:
    """A column; ``key`` says whether it is part of the primary key, and ``refers_to`` names a table."""

    name: str
    type: str
    nullable: bool
    default: str
    comment: str
    key: bool
    unique: bool
    refers_to: str


@dataclass(frozen=True)
class Relation:
    """A table or a view, with the conditions that each of its rows holds."""

    schema: str
    name: str
    is_view: bool
    comment: str
    columns: tuple[Column, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """A function that a person may call."""

    schema: str
    name: str
    arguments: str
    result: str
    comment: str


@dataclass(frozen=True)
class Catalogue:
    """Everything, by schema in the order of `SCHEMAS`."""

    schemas: dict[str, str]
    relations: tuple[Relation, ...]
    functions: tuple[Function, ...]


def read_catalogue(connection: psycopg.Connection) -> Catalogue:
    """Return the catalogue of a migrated warehouse."""
    names = list(SCHEMAS)
    statement = "select nspname, coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace"
    comments = dict(connection.execute(statement).fetchall())
    relations = [_relation(connection, *row) for row in connection.execute(RELATIONS, (names,)).fetchall()]
    functions = [Function(*row) for row in connection.execute(FUNCTIONS, (names,)).fetchall()]
    return Catalogue({name: comments[name] for name in SCHEMAS}, tuple(relations), tuple(functions))


def _relation(
    connection: psycopg.Connection, schema: str, name: str, is_view: bool, comment: str, oid: int
) -> Relation:
    keys = connection.execute(KEYS, (oid,)).fetchall()
    primary, unique = ({column for kind, column, _ in keys if kind == wanted} for wanted in ("p", "u"))
    refers = {column: other for kind, column, other in keys if kind == "f"}
    columns = [
        Column(*row, key=row[0] in primary, unique=row[0] in unique, refers_to=refers.get(row[0], ""))
        for row in connection.execute(COLUMNS, (oid,)).fetchall()
    ]
    checks = [text for (text,) in connection.execute(CHECKS, (oid,)).fetchall()]
    return Relation(schema, name, is_view, comment, tuple(columns), tuple(checks))
