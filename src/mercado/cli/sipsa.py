"""``mercado sipsa``: wholesale food prices from DANE's web service."""

from datetime import datetime
from typing import Annotated

import typer

from mercado.cli.output import console, say

app = typer.Typer(no_args_is_help=True, help="Wholesale food prices from DANE's SIPSA web service.")

Day = Annotated[datetime | None, typer.Option(help="First day to load; default: everything.", formats=["%Y-%m-%d"])]
# More are listed by `mercado sipsa unmapped`.
UNMAPPED_SHOWN = 10
WsdlUrl = Annotated[str | None, typer.Option(help="Address of the WSDL; default: SIPSA_WSDL_URL.")]


@app.command("ingest")
def ingest_operations(
    operation: Annotated[list[str] | None, typer.Option(help="Operation, repeatable; default: all six.")] = None,
    since: Day = None,
    wsdl_url: WsdlUrl = None,
) -> None:
    """Fetch the operations' answers and merge them into the warehouse; prints what changed and the newest day."""
    from mercado.settings import DataSettings, SipsaSettings, WarehouseSettings
    from mercado.sipsa.client import SipsaClient
    from mercado.sipsa.contract import operations_named
    from mercado.sipsa.ingest import ingest
    from mercado.warehouse.connection import connect

    wanted = operations_named(operation)
    client = SipsaClient(wsdl_url or SipsaSettings.read().wsdl_url)
    folder = DataSettings.read().sipsa_raw
    first_day = since.date() if since else None
    with connect(WarehouseSettings.read().resolved_url(), application="mercado sipsa ingest") as connection:
        for each in wanted:
            with console.status(each.name) as status:
                report = ingest(
                    connection,
                    client,
                    each,
                    folder=folder,
                    since=first_day,
                    progress=lambda stage, name=each.name: status.update(f"{name}: {stage}"),  # type: ignore[misc]
                )
            counts = report.counts
            say(
                f"{each.name}: {report.read} read, {counts.inserted} inserted, {counts.updated} updated, "
                f"{counts.unchanged} unchanged, {report.rejected} rejected; last day {report.last_day}. "
                f"Load {report.load_id}."
            )
            if report.unmapped:
                say(f"    {len(report.unmapped)} unmapped: {', '.join(map(str, report.unmapped[:UNMAPPED_SHOWN]))}")


@app.command()
def unmapped() -> None:
    """List the names of products, markets and cities that no reviewed table knows; rows with them are loaded anyway."""
    from mercado.settings import WarehouseSettings
    from mercado.sipsa.seen_names import unmapped_names
    from mercado.warehouse.connection import connect
    from mercado.warehouse.schema import require_current_schema

    with connect(WarehouseSettings.read().resolved_url(), application="mercado sipsa unmapped") as connection:
        require_current_schema(connection)
        names = unmapped_names(connection)
    for each in names:
        say(f"{each.kind:<8} {each.name}")
    say(f"{len(names)} names are in no table: add them to mercado/sipsa/names/*.csv and load again.")


@app.command()
def contract(wsdl_url: WsdlUrl = None) -> None:
    """Print the six operations with their tables, and compare them with the service's WSDL."""
    from mercado.settings import SipsaSettings
    from mercado.sipsa.client import SipsaClient
    from mercado.sipsa.contract import OPERATIONS

    for operation in OPERATIONS:
        say(f"{operation.name} -> sipsa_data.{operation.table} (key: {', '.join(operation.key)})")
        for field in operation.fields:
            say(f"    {field.name:<16} xs:{field.xsd_type:<10} {field.column or 'raw answer only'}")
    url = wsdl_url or SipsaSettings.read().wsdl_url
    notes = SipsaClient(url).contract_notes()
    for note in notes:
        say(note)
    say(f"The contract of {url} is {'met' if notes else 'exactly this one'}.")
