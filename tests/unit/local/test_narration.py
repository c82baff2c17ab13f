"""How a demo tells its stages: plainly in a pipe, with a spinner on a terminal, and what failed when it fails."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from mercado.errors import ServiceUnavailableError
from mercado.local.narration import Narrator
from mercado.local.stages import StageText

FIRST = StageText("The platform starts", "one command is enough")
SECOND = StageText("Prices are [loaded]", "a table per operation", "a_dag")
LONG_ADDRESS = "http://localhost:8080/dags/dane_sipsa_prices_ingestion/runs/manual__2026-11-26T13:29:52.549999+00:00"


def told(*, terminal: bool, width: int = 80) -> tuple[Narrator, io.StringIO]:
    output = io.StringIO()
    console = Console(file=output, highlight=False, soft_wrap=True, force_terminal=terminal, width=width)
    return Narrator(console, stage_count=2), output


def run_both(narrator: Narrator) -> None:
    with narrator.stage(FIRST) as stage:
        stage.result, stage.where = "3 services", "http://localhost:8080"
    with narrator.stage(SECOND) as stage:
        narrator.doing("2 tasks done, now [ingest]")
        narrator.say("    ingest [Ciudad]   success")
        stage.result, stage.where = "120,000 rows", LONG_ADDRESS
    narrator.summarise()


def test_in_a_pipe_each_stage_is_numbered_lines_without_any_control_character() -> None:
    narrator, output = told(terminal=False)
    run_both(narrator)
    lines = output.getvalue().splitlines()
    assert "\x1b" not in output.getvalue()
    assert lines[1:5] == [
        "[1/2] The platform starts",
        "  What it shows: one command is enough",
        "  Result: 3 services (0 s)",
        "  Where to look: http://localhost:8080",
    ]
    assert "[2/2] Prices are [loaded]: a_dag" in lines
    assert "    ingest [Ciudad]   success" in lines
    assert not [line for line in lines if "now [ingest]" in line]


def test_in_a_pipe_the_table_has_one_whole_line_for_each_stage() -> None:
    narrator, output = told(terminal=False)
    run_both(narrator)
    table = output.getvalue().split("What happened")[1].splitlines()
    (row,) = [line for line in table if "120,000 rows" in line]
    assert "Prices are [loaded]" in row
    assert LONG_ADDRESS in row


def test_on_a_terminal_a_spinner_tells_what_is_done_and_is_gone_afterwards() -> None:
    narrator, output = told(terminal=True)
    run_both(narrator)
    shown = output.getvalue()
    assert "2 tasks done, now [ingest]" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 2  # the cursor is hidden and comes back


def test_on_a_narrow_terminal_the_table_is_no_wider_than_it_and_loses_nothing() -> None:
    narrator, output = told(terminal=True, width=80)
    run_both(narrator)
    table = Text.from_ansi(output.getvalue().split("What happened")[1]).plain.splitlines()
    assert max(len(line) for line in table) <= 80
    assert LONG_ADDRESS in "".join(line.split()[-1] for line in table if line.strip())


def test_a_stage_that_fails_is_named_in_the_table_and_its_error_goes_on() -> None:
    narrator, output = told(terminal=False)
    with pytest.raises(ServiceUnavailableError, match="see the log"), narrator.stage(FIRST):
        raise ServiceUnavailableError("see the log")
    narrator.summarise()
    assert "  FAILED after 0 s" in output.getvalue().splitlines()
    assert "Result:" not in output.getvalue()
    (row,) = [line for line in output.getvalue().splitlines() if "The platform starts" in line and "FAILED" in line]
    assert row.split()[0] == "1"


def test_what_shows_only_ascii_gets_only_ascii() -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    narrator = Narrator(Console(file=output, force_terminal=True, width=80), stage_count=2)
    run_both(narrator)
    output.flush()
    assert b"Prices are [loaded]" in output.buffer.getvalue()  # type: ignore[attr-defined]
