"""What a DAG has made, as digests that are equal exactly if every row is: nothing lost, nothing twice, nothing else."""

import psycopg
from psycopg import sql

# When and by which load a row came differs from run to run; its content may not.
OF_THE_RUN = frozenset(
    {
        "load_id",
        "first_seen_load_id",
        "seen_from_utc",
        "first_seen_utc",
        "last_seen_utc",
        "finished_at_utc",
        "joined_at_utc",
        "monitoring_run_id",
        "monitored_at_utc",
        "started_by",
        "report",
        "predicted_at_utc",
        "request_id",
        "confirmed_at_utc",
        "confirmation_count",
        "attempts",
    }
)
COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = %s and table_name = %s
    order by ordinal_position
"""
DIGEST = """
    select count(*), md5(coalesce(string_agg(t.content, E'\\n' order by t.content), ''))
    from (select ({columns})::text as content from {table} where {condition}) as t
"""


def digest(connection: psycopg.Connection, table: str, condition: str = "true") -> str:
    """Return the number of a table's rows and the MD5 of their contents, whatever their order.

    Args:
        connection: To the warehouse.
        table: ``schema.name``.
        condition: SQL that chooses the rows.
    """
    schema, name = table.split(".")
    names = [column for (column,) in connection.execute(COLUMNS, (schema, name)) if column not in OF_THE_RUN]
    if not names:
        raise ValueError(f"{table} is not there, or has no column to compare")
    statement = sql.SQL(DIGEST).format(
        columns=sql.SQL("row({})").format(sql.SQL(", ").join(map(sql.Identifier, names))),
        table=sql.Identifier(schema, name),
        condition=sql.SQL(condition),  # type: ignore[arg-type]  # a constant of this package
    )
    row = connection.execute(statement).fetchone()
    assert row is not None
    return f"{row[0]} rows {row[1]}"


def loads_in_order(connection: psycopg.Connection, source: str) -> str:
    """Return what the ledger of loads says of a source: the rows of all loads of each scope together.

    A row is inserted once, so they are as many as of one load alone; and no load is left running.
    """
    rows = connection.execute(
        "select scope, sum(rows_inserted), sum(rows_updated), count(*) filter (where status = 'running') "
        "from ops.loads where source = %s group by scope order by scope",
        (source,),
    ).fetchall()
    return "; ".join(
        f"{scope}: {inserted} inserted, {updated} updated, {running} running"
        for scope, inserted, updated, running in rows
    )
