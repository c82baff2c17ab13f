"""The follower: which model is served while the registry changes under it."""

import tempfile
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fastapi_app.follower import RETRY_AFTER, ModelFollower
from mercado.errors import ModelNotReadyError
from tests.api.builders import NOW, FolderRegistry, generate_candles


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def follower(registry: FolderRegistry, clock: Clock) -> ModelFollower:
    return ModelFollower(registry, now=clock)


def served_version(follower: ModelFollower) -> int:
    return follower.state.require_served().version.version


def test_the_champion_is_loaded_and_fetched_only_once(follower: ModelFollower, registry: FolderRegistry) -> None:
    follower.poll()
    follower.poll()
    assert served_version(follower) == 1
    assert registry.downloads == [1]


def test_a_new_champion_is_swapped_in_whole(follower: ModelFollower, registry: FolderRegistry) -> None:
    follower.poll()
    before = follower.state.require_served()
    registry.champion_number = 2
    follower.poll()
    after = follower.state.require_served()
    assert (before.version.version, after.version.version) == (1, 2)
    candles = generate_candles(1000)
    assert before.forecaster.forecast(candles) != after.forecaster.forecast(candles)


def test_a_rollback_is_followed_too(follower: ModelFollower, registry: FolderRegistry) -> None:
    for registry.champion_number in (1, 2, 1):
        follower.poll()
    assert served_version(follower) == 1


def test_a_champion_that_cannot_be_loaded_leaves_the_old_one_served(
    follower: ModelFollower, registry: FolderRegistry
) -> None:
    follower.poll()
    registry.champion_number = 3
    follower.poll()
    assert served_version(follower) == 1
    failure = follower.state.pending_failure
    assert failure is not None
    assert failure.version.version == 3
    assert "direction.ubj is damaged" in failure.reason


def test_a_failing_champion_is_tried_again_only_after_a_pause(
    follower: ModelFollower, registry: FolderRegistry, clock: Clock
) -> None:
    registry.champion_number = 3
    for _ in range(5):
        follower.poll()
    assert registry.downloads == [3]
    clock.now += RETRY_AFTER
    follower.poll()
    assert registry.downloads == [3, 3]


def test_another_champion_after_a_failing_one_is_loaded_at_once(
    follower: ModelFollower, registry: FolderRegistry
) -> None:
    for registry.champion_number in (3, 2):
        follower.poll()
    assert served_version(follower) == 2
    assert follower.state.trouble is None


def test_going_back_to_the_served_version_ends_the_failure(follower: ModelFollower, registry: FolderRegistry) -> None:
    for registry.champion_number in (1, 3, 1):
        follower.poll()
    assert follower.state.trouble is None
    assert registry.downloads == [1, 3]


def test_any_exception_while_loading_is_the_versions_failure(
    follower: ModelFollower, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> Path:
        raise KeyError("flavors")

    monkeypatch.setattr(registry, "download", explode)
    follower.poll()
    assert follower.state.pending_failure is not None
    assert follower.state.pending_failure.reason == "KeyError: 'flavors'"


def test_a_registry_that_is_down_at_first_is_waited_for(follower: ModelFollower, registry: FolderRegistry) -> None:
    registry.down = True
    follower.poll()
    with pytest.raises(ModelNotReadyError, match="connection refused"):
        follower.state.require_served()
    registry.down = False
    follower.poll()
    assert served_version(follower) == 1
    assert follower.state.trouble is None


def test_a_registry_that_goes_down_later_leaves_the_model_served(
    follower: ModelFollower, registry: FolderRegistry
) -> None:
    follower.poll()
    registry.down = True
    follower.poll()
    assert served_version(follower) == 1
    assert "connection refused" in str(follower.state.notice)


def test_a_download_cut_off_is_tried_again_at_the_next_poll(
    follower: ModelFollower, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(registry, "download", lambda *_: FolderRegistry(down=True).champion())
        follower.poll()
    assert follower.state.pending_failure is None
    follower.poll()
    assert served_version(follower) == 1


def test_an_alias_taken_away_leaves_the_model_served_and_is_told(
    follower: ModelFollower, registry: FolderRegistry
) -> None:
    follower.poll()
    registry.champion_number = None
    follower.poll()
    assert served_version(follower) == 1
    assert follower.state.notice == "The alias champion was taken away; version 1 stays served."


def test_without_any_champion_the_registrys_reason_is_told(follower: ModelFollower, registry: FolderRegistry) -> None:
    registry.champion_number = None
    follower.poll()
    assert follower.state.notice == registry.why_no_champion()


def test_nothing_is_left_on_the_disk(
    follower: ModelFollower, registry: FolderRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for registry.champion_number in (1, 3):
        follower.poll()
    assert registry.downloads == [1, 3]
    assert list(tmp_path.iterdir()) == []


def test_a_forecast_during_swaps_is_always_of_one_version(follower: ModelFollower, registry: FolderRegistry) -> None:
    candles = generate_candles(1000)
    expected = {}
    for registry.champion_number in (1, 2):
        follower.poll()
        expected[registry.champion_number] = follower.state.require_served().forecaster.forecast(candles)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            registry.champion_number = 1 if registry.champion_number == 2 else 2
            follower.poll()

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = set()
    try:
        for _ in range(300):
            served = follower.state.require_served()
            assert served.forecaster.forecast(candles) == expected[served.version.version]
            seen.add(served.version.version)
    finally:
        stop.set()
        swapper.join(timedelta(seconds=10).total_seconds())
    assert seen == {1, 2}
