"""Promises of `mercado.bitcoin.months`: months are those of UTC, and one of few rows is not judged."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mercado.bitcoin.calibration import ScoredRows
from mercado.bitcoin.months import LEAST_ROWS, Month, by_month, share_of_kept_promises
from mercado.bitcoin.walk import WalkedRows
from tests.unit.bitcoin.synthetic import HOUR_MS

LAST_EVENING = round(datetime(2024, 12, 31, 22, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def turn_of_the_year() -> WalkedRows:
    """Return the hours from 22:00 to 00:00 UTC, with another one in the March that follows."""
    hours = np.array([0, 1, 2, 24 * 70])
    scored = ScoredRows(
        open_time_ms=LAST_EVENING + hours * HOUR_MS,
        target=np.array([0.01, -0.01, 0.02, 0.0]),
        probability_up=np.array([0.8, 0.6, 0.6, 0.5]),
        scale=np.ones(4),
    )
    return WalkedRows(scored, np.zeros(4), np.array([-0.01, -0.005, -0.01, -0.01]), np.full(4, 0.01))


def test_a_month_ends_at_midnight_utc(turn_of_the_year: WalkedRows) -> None:
    months = list(by_month(turn_of_the_year, np.full(4, 0.5)))
    assert [(month.name, month.rows) for month in months] == [("2024-12", 2), ("2025-01", 1), ("2025-03", 1)]


def test_each_month_is_scored_by_its_own_rows(turn_of_the_year: WalkedRows) -> None:
    december, january, march = by_month(turn_of_the_year, np.array([0.5, 0.5, 0.9, 0.25]))
    assert [month.hit_rate for month in (december, january, march)] == [0.5, 1.0, 1.0]
    assert [month.coverage for month in (december, january, march)] == [0.5, 0.0, 1.0]
    assert december.log_loss == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2)
    assert december.baseline_log_loss == pytest.approx(np.log(2))
    assert january.baseline_log_loss == pytest.approx(-np.log(0.9))
    assert march.baseline_log_loss == pytest.approx(-np.log(0.75))
    assert december.log_loss_skill == pytest.approx(1 - december.log_loss / np.log(2))


def test_all_rows_belong_to_a_month(turn_of_the_year: WalkedRows) -> None:
    assert sum(month.rows for month in by_month(turn_of_the_year, np.full(4, 0.5))) == len(turn_of_the_year)


def _month(coverage: float, *, rows: int = LEAST_ROWS) -> Month:
    return Month("2024-06", rows, 0.5, 0.69, 0.69, coverage)


def test_a_promise_is_kept_within_86_and_94_percent() -> None:
    kept = [_month(coverage) for coverage in (0.86, 0.9, 0.94)]
    assert share_of_kept_promises(kept) == 1.0
    assert share_of_kept_promises([*kept, _month(0.859), _month(0.941)]) == pytest.approx(3 / 5)


def test_a_month_of_few_rows_is_not_judged() -> None:
    assert share_of_kept_promises([_month(0.9), _month(0.5, rows=LEAST_ROWS - 1)]) == 1.0
    assert share_of_kept_promises([_month(0.5)]) == 0.0
