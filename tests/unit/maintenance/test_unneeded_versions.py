"""Which versions of a model nobody needs: never one with an alias, nor one that a rollback may want."""

from mercado.maintenance.model_versions import unneeded
from mercado.registry import CHAMPION_SINCE_TAG, ModelVersion


def version(number: int, *, aliases: tuple[str, ...] = (), since: str | None = None) -> ModelVersion:
    tags = {CHAMPION_SINCE_TAG: since} if since else {}
    return ModelVersion("m", number, f"run-{number}", 1000 * number, aliases, tags)


def numbers(versions: list[ModelVersion], *, keep: int) -> list[int]:
    return [each.version for each in unneeded(versions, keep=keep)]


def test_the_newest_stay() -> None:
    assert numbers([version(number) for number in (3, 1, 4, 2)], keep=2) == [1, 2]
    assert numbers([version(1), version(2)], keep=5) == []


def test_one_with_an_alias_stays_however_old() -> None:
    assert numbers([version(1, aliases=("mine",)), version(2), version(3)], keep=1) == [2]


def test_the_last_champions_stay_by_when_they_reigned_and_not_by_their_number() -> None:
    reigned = [
        version(1, since="2026-03-01T00:00:00+00:00"),  # rolled back to after version 3 had reigned
        version(2, since="2026-01-01T00:00:00+00:00"),
        version(3, since="2026-02-01T00:00:00+00:00"),
    ]
    assert numbers([*reigned, version(4), version(5), version(6)], keep=2) == [2, 4]
