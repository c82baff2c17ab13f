"""What follows from a look: the verdict's order, and when a training is started."""

from datetime import UTC, datetime, timedelta

import pytest

from mercado.bitcoin.monitoring.rules import MonitoringRules, Retraining, State, decide, verdict_of
from mercado.settings import MonitoringSettings

NOW = datetime(2024, 6, 1, tzinfo=UTC)
RULES = MonitoringRules()
BAD = verdict_of(drift=["It drifted."], decay=[], unknowns=[])


def test_the_settings_defaults_are_the_rules() -> None:
    assert MonitoringRules(**MonitoringSettings(_env_file=None).model_dump()) == RULES


@pytest.mark.parametrize(
    ("drift", "decay", "unknowns", "state"),
    [
        ([], [], [], State.HEALTHY),
        ([], [], ["?"], State.UNKNOWN),
        (["a"], [], ["?"], State.DRIFT),
        ([], ["b"], ["?"], State.DECAY),
        (["a"], ["b"], [], State.DECAY),
    ],
)
def test_what_is_wrong_comes_before_what_is_unknown(
    drift: list[str], decay: list[str], unknowns: list[str], state: State
) -> None:
    verdict = verdict_of(drift=drift, decay=decay, unknowns=unknowns)
    assert verdict.state is state
    assert set(verdict.reasons) == {*drift, *decay, *unknowns} or verdict.reasons == ("Nothing is beyond its limit.",)


def test_nothing_wrong_starts_no_training_even_if_much_is_unknown() -> None:
    unknown = verdict_of(drift=[], decay=[], unknowns=["?"])
    assert decide(unknown, None, RULES, now=NOW).retraining is Retraining.NOT_NEEDED


@pytest.mark.parametrize(
    ("ago", "retraining"),
    [
        (None, Retraining.STARTED),
        (timedelta(days=7), Retraining.STARTED),
        (timedelta(days=7) - timedelta(seconds=1), Retraining.COOLING_DOWN),
        (timedelta(0), Retraining.COOLING_DOWN),
    ],
)
def test_a_training_is_started_when_none_began_within_a_week(ago: timedelta | None, retraining: Retraining) -> None:
    assert decide(BAD, NOW - ago if ago is not None else None, RULES, now=NOW).retraining is retraining
