"""The report beside a quarantined file, and the names that files are kept under."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mercado.landing.content import storable
from mercado.landing.document import Problem
from mercado.landing.ledger import LedgerEntry
from mercado.landing.moving import variants
from mercado.landing.reports import PROBLEMS_SHOWN, escaped, rendered

ENTRY = LedgerEntry(
    file_sha256="ab" * 32,
    file_names=["first.xlsx", "latest.xlsx"],
    byte_count=402_858,
    layout=None,
    report_date=None,
    status="refused",
    rows_rejected=2,
    error="Expected a sheet 1.1 with `Producto`, but there are: Hoja1 | Hoja2.",
    kept_at=None,
    load_id=12,
    attempts=3,
    finished_at_utc=datetime(2026, 9, 18, 9, 30, tzinfo=timezone(timedelta(hours=-5))),
)
PROBLEMS = [Problem("1.8!D37", "a price above 0", "-3"), Problem("1.8", "a header", "")]


def test_it_says_what_when_why_where_and_what_to_do() -> None:
    text = rendered(ENTRY, PROBLEMS, "it's.xlsx")
    for expected in (
        "# latest.xlsx was not loaded\n",
        r"Expected a sheet 1.1 with \`Producto\`, but there are: Hoja1 \| Hoja2.",
        "latest.xlsx (dropped as first.xlsx too), 402,858 bytes",
        "**SHA-256**: " + "ab" * 32,
        "2026-09-18 14:30:00 UTC, attempt 3",
        "load 12 in `ops.loads`",
        "## What is wrong (2)",
        "| 1.8!D37 | a price above 0 | -3 |",
        "| 1.8 | a header |  |",
        """mercado landing inspect 'it'"'"'s.xlsx'""",
        "mercado landing replay abababababab\n",
    ):
        assert expected in text


def test_a_long_list_of_problems_is_cut_and_says_how_many_more() -> None:
    problems = [Problem(f"1.1!A{number}", "rule", "x") for number in range(PROBLEMS_SHOWN + 5)]
    text = rendered(ENTRY, problems, "a.xlsx")
    assert text.count("| 1.1!A") == PROBLEMS_SHOWN
    assert "… and 5 more, in `ops.rejected_rows` with `load_id = 12`." in text


def test_without_problems_there_is_no_table() -> None:
    assert "|---|" not in rendered(replace(ENTRY, error="Protected by a password."), [], "a.xlsx")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bogotá,\n Corabastos", "Bogotá, Corabastos"),
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("[x](http://y)", r"\[x\](http://y)"),
        ("**`~#&\\", r"\*\*\`\~\#\&\\"),
        ("\x1b[31mred\0\u202e", r"\[31mred"),
        ("é" * 201, "é" * 200 + " … (201 characters)"),
    ],
)
def test_texts_of_a_file_are_shown_as_they_are(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_every_row_of_the_table_stays_one_row() -> None:
    text = rendered(ENTRY, [Problem("a|b\nc", "d\r\n|e", "|\n|")], "a.xlsx")
    (row,) = [line for line in text.splitlines() if line.startswith("| a")]
    assert row.replace(r"\|", "").count("|") == 4


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_no_database_takes_is_replaced(text: str) -> None:
    assert storable(text) == "a\N{REPLACEMENT CHARACTER}b"
    assert storable("Ibagué 🌽\n") == "Ibagué 🌽\n"


def test_a_name_that_is_taken_gets_a_part_of_the_digest_before_its_extension() -> None:
    digest = "0123456789" * 6 + "abcd"
    assert variants("a.b.xlsx", digest) == ["a.b.xlsx", "a.b-01234567.xlsx", f"a.b-{digest}.xlsx"]


@pytest.mark.parametrize("name", ["ñ" * 200 + ".xlsx", "a" * 300, "a." + "b" * 250, "a.xlsx.report.md", "A.REPORT.MD"])
def test_every_name_leaves_room_for_a_report_and_looks_like_none(name: str) -> None:
    found = variants(name, "0" * 64)
    assert found
    assert all(len(each.encode()) + len(".report.md") <= 255 for each in found)
    assert not any(each.lower().endswith(".report.md") for each in found)


def test_the_time_is_told_in_utc() -> None:
    at = replace(ENTRY, finished_at_utc=datetime(2026, 1, 1, tzinfo=UTC))
    assert "2026-01-01 00:00:00 UTC" in rendered(at, [], "a.xlsx")
