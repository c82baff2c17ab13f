"""A dropped workbook in PostgreSQL: loaded once, revised by a correction, refused with every problem, never half."""

from datetime import date
from pathlib import Path

import psycopg
import pytest

from mercado.errors import ConfigurationError, RejectedFileError, SchemaOutdatedError
from mercado.landing.content import read_incoming
from mercado.landing.document import Document
from mercado.landing.ingest import FileOutcome, Folders, Status, ingest_file, ingest_files
from mercado.landing.ledger import PROBLEMS_STORED, record_refused
from mercado.landing.load import load_document
from mercado.landing.prepared import prepared
from mercado.warehouse.loads import MergeCounts, recorded_load
from tests.integration.landing_documents import DAY, MARKET, daily, drop, read_document, weekly

LEDGER = """
    select status, layout, report_date, last_day, rows_read, rows_inserted, rows_updated, rows_unchanged, rows_rejected
    from sipsa_data.file_ingestion_log order by first_seen_utc, file_sha256
"""


def prices(connection: psycopg.Connection, source: str = "sipsa_data.mayoristas_prices") -> list[tuple[object, ...]]:
    return connection.execute(f"select product_name, price_cop::int from {source} order by product_name").fetchall()


def one(connection: psycopg.Connection, statement: str) -> tuple[object, ...]:
    (row,) = connection.execute(statement).fetchall()
    return row


def test_rows_names_rejected_cells_and_ledger_come_together(landing: psycopg.Connection, folders: Folders) -> None:
    content = daily(
        {"Papa criolla": "2300", "Fruta desconocida": "100.50"},
        rejected=[["1.1!D37", "a number above 0", "-3"], ["1.1!D37", "a known unit", "?"]],
        notes=["the name says another day"],
    )
    outcome = drop(landing, folders, content)
    assert (outcome.status, outcome.counts) == (Status.LOADED, MergeCounts(inserted=2))
    assert (outcome.layout, outcome.report_date, outcome.rejected) == ("daily", DAY, 2)
    assert [str(each) for each in outcome.unmapped] == ["product 'Fruta desconocida'"]
    assert one(landing, LEDGER) == ("loaded", "daily", DAY, DAY, 2, 2, 0, 0, 2)
    assert one(landing, "select file_names, notes, error, attempts from sipsa_data.file_ingestion_log") == (
        ["a.xlsx"],
        ["the name says another day"],
        None,
        1,
    )
    columns = "product_group, market_name, report_date, price_cop::text, price_unit, product_name_normalised"
    found = one(landing, f"select {columns} from sipsa_data.mayoristas_prices where product_name like 'Fruta%'")
    assert found == ("Tubérculos", MARKET, DAY, "100.50", "kg", "Fruta desconocida")
    assert landing.execute("select place, rule, raw_text from ops.rejected_rows order by place").fetchall() == [
        ("1.1!D37", "a number above 0", "-3"),
        ("1.1!D37 (2)", "a known unit", "?"),
    ]
    load = one(landing, "select source, origin, status, rows_read, rows_inserted, rows_rejected, notes from ops.loads")
    assert load == ("landing", "file", "succeeded", 2, 2, 2, ["the name says another day"])
    answer = one(landing, "select url, sha256, byte_count, rows_read from ops.load_answers")
    assert answer == ("a.xlsx", outcome.sha256, len(content), 2)
    assert one(landing, "select count(*) from sipsa_data.names where kind = 'market' and is_mapped") == (1,)


def test_all_tables_of_a_weekly_workbook_are_loaded_with_what_follows_from_their_names(
    landing: psycopg.Connection, folders: Folders
) -> None:
    content = weekly(
        prices=[["Frutas", "Guayaba*", MARKET, "900", "1100", "1000", "kg", "+++"]],
        supply=[["Frutas", "Bogotá, Corabastos", "1200.5", "1000", "20"]],
        rice=[
            ["Arroz blanco", "Yopal", "2000000", "2200000", "2100000", "="],
            ["Paddy", "Atlantis", None, None, "9", None],
        ],
    )
    assert drop(landing, folders, content).counts == MergeCounts(inserted=4)
    weekly_price = one(
        landing,
        "select product_name_normalised, market_name_normalised, week_start_date, week_end_date, trend "
        "from sipsa_data.mayoristas_prices_weekly",
    )
    assert weekly_price == ("Guayaba", "Bogotá, D.C., Corabastos", date(2026, 9, 12), date(2026, 9, 18), "+++")
    assert one(landing, "select supply_tonnes::text from sipsa_data.mayoristas_supply_weekly") == ("1200.5",)
    rice = "select municipality_name, municipality_code, month_start_date from sipsa_data.mayoristas_rice_monthly"
    assert landing.execute(f"{rice} order by municipality_name desc").fetchall() == [
        ("Yopal", "85001", date(2026, 9, 1)),
        ("Atlantis", None, date(2026, 9, 1)),
    ]
    unmapped = landing.execute("select kind, name from sipsa_data.unmapped_names order by kind, name").fetchall()
    assert ("city", "Atlantis") in unmapped


def test_the_load_has_ended_in_the_transaction_that_loads_or_refuses(
    landing: psycopg.Connection, folders: Folders
) -> None:
    """A process that is killed right after its commit leaves no load that seems to run."""
    path = folders.landing_zone / "a.xlsx"
    path.write_bytes(daily())
    incoming, document = read_incoming(path), prepared(read_document(daily(), "a.xlsx"))
    ended = "select status from ops.loads order by load_id desc limit 1"
    with recorded_load(landing, source="landing", scope="one", origin="file") as load_id:
        load_document(landing, document, incoming, load_id=load_id)
        assert one(landing, ended) == ("succeeded",)
    with recorded_load(landing, source="landing", scope="two", origin="file") as load_id:
        record_refused(landing, incoming, RejectedFileError("bad"), [], load_id=load_id)
        assert one(landing, ended) == ("failed",)


def test_the_same_content_under_another_name_is_loaded_once_and_both_names_are_known(
    landing: psycopg.Connection, folders: Folders
) -> None:
    first = drop(landing, folders, daily(), "a.xlsx")
    again = drop(landing, folders, daily(), "b.xls")
    assert (again.status, again.counts, again.sha256) == (Status.ALREADY_LOADED, MergeCounts(), first.sha256)
    assert (again.report_date, again.kept_at) == (DAY, first.kept_at)
    names = "select file_names, attempts, last_seen_utc > first_seen_utc from sipsa_data.file_ingestion_log"
    assert one(landing, names) == (["a.xlsx", "b.xls"], 1, True)
    drop(landing, folders, daily(), "a.xlsx")
    assert one(landing, "select file_names from sipsa_data.file_ingestion_log") == (["b.xls", "a.xlsx"],)
    assert one(landing, "select count(*) from ops.loads") == (1,)


def test_a_correction_updates_keeps_earlier_prices_and_leaves_what_it_lacks(
    landing: psycopg.Connection, folders: Folders
) -> None:
    drop(landing, folders, daily({"Ahuyama": "100", "Papa criolla": "2300", "Zanahoria": "9"}))
    (before,) = one(landing, "select clock_timestamp()")
    corrected = drop(landing, folders, daily({"Ahuyama": "100", "Papa criolla": "2500"}), "a-corrected.xlsx")
    assert corrected.counts == MergeCounts(updated=1, unchanged=1)
    assert prices(landing) == [("Ahuyama", 100), ("Papa criolla", 2500), ("Zanahoria", 9)]
    assert prices(landing, "sipsa_data.mayoristas_prices_revisions") == [("Papa criolla", 2300)]
    assert prices(landing, f"sipsa_data.mayoristas_prices_as_known_on('{before}')")[1] == ("Papa criolla", 2300)
    assert [row[0] for row in landing.execute(LEDGER).fetchall()] == ["loaded", "loaded"]


def test_a_refused_file_changes_no_price_and_every_problem_is_recorded(
    landing: psycopg.Connection, folders: Folders
) -> None:
    drop(landing, folders, daily())
    bad = daily(
        {"Papa criolla": "9"}, refuse=[["1.1!D37", "a number", "x"], ["1.1!D37", "a unit", ""], ["1.2", "there", ""]]
    )
    outcome = drop(landing, folders, bad, "bad.xlsx")
    assert (outcome.status, outcome.rejected) == (Status.REFUSED, 3)
    assert outcome.error == "bad.xlsx: 3 problems, more than may be."
    assert prices(landing) == [("Papa criolla", 2300)]
    row = "select status, layout, rows_rejected, error, attempts from sipsa_data.file_ingestion_log"
    assert one(landing, f"{row} where error is not null") == ("refused", None, 3, outcome.error, 1)
    load = one(landing, "select status, rows_rejected, error from ops.loads order by load_id offset 1")
    assert load == ("failed", 3, f"RejectedFileError: {outcome.error}")
    places = landing.execute("select place from ops.rejected_rows order by place").fetchall()
    assert places == [("1.1!D37",), ("1.1!D37 (2)",), ("1.2",)]


def test_a_refused_content_is_tried_again_each_time_it_is_dropped(
    landing: psycopg.Connection, folders: Folders
) -> None:
    def mended(content: bytes, name: str) -> Document:
        return read_document(daily(), name)

    drop(landing, folders, b"not JSON")
    drop(landing, folders, b"not JSON", "again.xlsx")
    status = "select status, attempts, file_names, error is null from sipsa_data.file_ingestion_log"
    assert one(landing, status) == ("refused", 2, ["a.xlsx", "again.xlsx"], False)
    path = folders.landing_zone / "a.xlsx"
    path.write_bytes(b"not JSON")
    assert ingest_file(landing, path, folders, read=mended).status is Status.LOADED
    assert one(landing, status) == ("loaded", 3, ["again.xlsx", "a.xlsx"], True)


@pytest.mark.parametrize(
    ("prices_of_bad", "rule"),
    [
        ({"Papa criolla": "0"}, "price_cop"),
        ({"Papa criolla": "NaN"}, "price_cop"),
        ({"Papa criolla": "1e200000"}, "numeric"),
        ({"Papa\0criolla": "1"}, "0x00"),
        ({"Papa\udc80criolla": "1"}, "surrogates"),
    ],
)
def test_what_a_reader_lets_pass_the_tables_do_not_take_and_the_file_is_refused(
    landing: psycopg.Connection, folders: Folders, prices_of_bad: dict[str, str], rule: str
) -> None:
    outcome = drop(landing, folders, daily({"Ahuyama": "100"} | prices_of_bad))
    assert outcome.status is Status.REFUSED
    assert outcome.error
    assert "The tables do not take a row that the reader let pass" in outcome.error
    assert rule in outcome.error
    assert prices(landing) == []


def test_a_key_that_is_there_twice_is_refused_not_merged_by_chance(
    landing: psycopg.Connection, folders: Folders
) -> None:
    week = [["Frutas", "Guayaba", MARKET, "1", "1", price, "kg", None] for price in ("1", "1")]
    drop(landing, folders, weekly(week[:1]))
    outcome = drop(landing, folders, weekly(week))
    assert outcome.status is Status.REFUSED
    assert outcome.error
    assert "already exists" in outcome.error


def test_a_defect_of_the_reader_refuses_the_file_and_says_so(landing: psycopg.Connection, folders: Folders) -> None:
    def broken(content: bytes, name: str) -> Document:
        raise KeyError("Hoja1\0")

    path = folders.landing_zone / "a.xlsx"
    path.write_bytes(b"x")
    outcome = ingest_file(landing, path, folders, read=broken)
    assert outcome.status is Status.REFUSED
    assert outcome.error
    assert outcome.error.startswith("The reader failed on a.xlsx (KeyError: ")
    assert "report it with this file" in outcome.error


def test_more_problems_than_are_stored_are_counted(landing: psycopg.Connection, folders: Folders) -> None:
    rejected = [["file", "a rule", str(number)] for number in range(PROBLEMS_STORED + 1)]
    assert drop(landing, folders, daily(rejected=rejected)).rejected == PROBLEMS_STORED + 1
    assert one(landing, "select count(*) from ops.rejected_rows") == (PROBLEMS_STORED,)
    load = one(landing, "select rows_rejected, notes from ops.loads")
    assert load == (PROBLEMS_STORED + 1, ["Only the first 10000 rejected cells are in ops.rejected_rows."])


def test_a_bad_file_holds_up_no_good_one_and_each_outcome_is_told_at_once(
    landing: psycopg.Connection, folders: Folders
) -> None:
    contents = {"1.xlsx": b"", "2.xlsx": daily(), "3.xlsx": b"no", "4.xlsx": daily({"Ahuyama": "5"})}
    paths = [folders.landing_zone / name for name in [*contents, "5-gone.xlsx"]]
    for path, content in zip(paths, contents.values(), strict=False):
        path.write_bytes(content)
    told: list[FileOutcome] = []
    outcomes = ingest_files(landing, paths, folders, read=read_document, on_outcome=told.append)
    assert [each.status for each in outcomes] == ["refused", "loaded", "refused", "loaded", "gone"]
    assert told == outcomes
    assert len(prices(landing)) == 2
    assert list(folders.landing_zone.iterdir()) == []


def test_an_error_of_the_platform_stops_and_leaves_the_files_where_they_are(
    landing: psycopg.Connection, folders: Folders
) -> None:
    def without_tables(content: bytes, name: str) -> Document:
        raise ConfigurationError("the tables of names cannot be used")

    path = folders.landing_zone / "a.xlsx"
    path.write_bytes(daily())
    with pytest.raises(ConfigurationError):
        ingest_files(landing, [path], folders, read=without_tables)
    assert path.exists()
    assert landing.execute(LEDGER).fetchall() == []
    assert one(landing, "select status from ops.loads") == ("failed",)


def test_an_outdated_schema_is_told_before_anything_is_read(landing: psycopg.Connection, folders: Folders) -> None:
    with landing.transaction(force_rollback=True):
        landing.execute("update ops.alembic_version set version_num = '0003'")
        with pytest.raises(SchemaOutdatedError, match="run `mercado migrate`"):
            ingest_file(landing, Path("nowhere"), folders, read=read_document)
