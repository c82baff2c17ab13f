"""`make env`: fresh secrets, whole files, nothing overwritten."""

import base64
import stat
from pathlib import Path

import pytest

from mercado.environment import (
    AUTH,
    BROKER_PASSWORD,
    FERNET_KEY,
    MOST_REPLICAS,
    REPLICAS,
    REQUIRED_SECRETS,
    WORKERS,
    WORKERS_ADDRESS,
    complete_env_file,
    filled,
    fresh_values,
    scale_problems,
    secret_problems,
    set_in_env_file,
    without_proxy_to_loopback,
    write_env_file,
)

TEMPLATE = Path(__file__).parent.parent.parent / ".env.example"


def values_of(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_every_secret_of_the_example_is_filled_and_none_twice_the_same(tmp_path: Path) -> None:
    assert write_env_file(TEMPLATE, tmp_path / ".env")
    values = values_of(tmp_path / ".env")
    secrets = [values[name] for name in REQUIRED_SECRETS]
    assert all(len(secret) >= 32 for secret in secrets)
    assert len(set(secrets)) == len(secrets)
    assert len(base64.urlsafe_b64decode(values[FERNET_KEY])) == 32


def test_two_files_share_no_secret(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_env_file(TEMPLATE, tmp_path / name)
    first, second = values_of(tmp_path / "first"), values_of(tmp_path / "second")
    assert not [name for name in REQUIRED_SECRETS if first[name] == second[name]]


def test_a_file_that_is_there_is_never_touched(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    target.write_text("mine")
    assert not write_env_file(TEMPLATE, target)
    assert target.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    write_env_file(TEMPLATE, tmp_path / ".env")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_the_example_holds_no_secret() -> None:
    values = values_of(TEMPLATE)
    assert [name for name in REQUIRED_SECRETS if values[name]] == []


def test_a_secret_without_a_line_in_the_example_is_an_error() -> None:
    with pytest.raises(KeyError, match="NEW_SECRET"):
        filled("OTHER=\n", {"NEW_SECRET": "x"})


def test_no_container_runs_as_root_when_root_makes_the_file() -> None:
    assert fresh_values()["AIRFLOW_UID"] != "0"


@pytest.mark.parametrize(
    ("stated", "exempt"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "intern.example"}, "intern.example,127.0.0.1,localhost"),
        ({"no_proxy": "localhost,a", "NO_PROXY": "b"}, "localhost,a,127.0.0.1"),
    ],
)
def test_this_machine_is_exempt_from_proxies_beside_what_is_exempt_already(stated: dict[str, str], exempt: str) -> None:
    assert without_proxy_to_loopback(stated) == {"NO_PROXY": exempt, "no_proxy": exempt}


def test_secrets_are_checked_before_compose_puts_them_into_addresses() -> None:
    good = fresh_values()
    assert secret_problems(good, in_addresses=True) == {}
    bad = good | {
        "WAREHOUSE_DB_PASSWORD": "a/b@c",
        "AIRFLOW__API__SECRET_KEY": "a/b@c",
        "POSTGRES_PASSWORD": "postgres",
    }
    assert secret_problems(bad) == {"POSTGRES_PASSWORD": "is a known default"}
    assert set(secret_problems(bad, in_addresses=True)) == {"POSTGRES_PASSWORD", "WAREHOUSE_DB_PASSWORD"}
    assert secret_problems({}, in_addresses=True) == dict.fromkeys(REQUIRED_SECRETS, "is missing")


@pytest.mark.parametrize(("workers", "needed"), [("0", set()), ("", set()), ("2", {BROKER_PASSWORD})])
def test_the_password_of_redis_is_needed_where_there_are_workers_and_nowhere_else(
    workers: str, needed: set[str]
) -> None:
    assert set(secret_problems(fresh_values() | {BROKER_PASSWORD: "", WORKERS: workers})) == needed
    unfit = fresh_values() | {BROKER_PASSWORD: "a/b@c", WORKERS: workers}
    assert set(secret_problems(unfit, in_addresses=True)) == needed


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({}, None),
        ({WORKERS: "3", REPLICAS: "16"}, None),
        ({WORKERS: '"0"'}, 'MERCADO_CELERY_WORKERS (SCALE) must be a whole number, 0 to 100: got "0".'),
        ({REPLICAS: "0"}, "MERCADO_API_REPLICAS (API_REPLICAS) must be a whole number, 1 to 16: got 0."),
        ({REPLICAS: "17"}, "MERCADO_API_REPLICAS (API_REPLICAS) must be a whole number, 1 to 16: got 17."),
        ({WORKERS_ADDRESS: "10.0.0.5", AUTH: "on"}, None),
        ({WORKERS_ADDRESS: "127.0.0.1"}, None),
        (
            {WORKERS_ADDRESS: "10.0.0.5", AUTH: "off"},
            "MERCADO_WORKERS_ADDRESS=10.0.0.5 opens MLflow to a network in which it asks nobody who he is: set "
            "MERCADO_AUTH=on.",
        ),
    ],
)
def test_how_many_there_are_and_who_reaches_them_is_checked_before_compose_starts(
    stated: dict[str, str], problem: str | None
) -> None:
    assert scale_problems(stated) == ([problem] if problem else [])


def test_the_proxy_knows_of_as_many_apis_as_may_be_asked_for() -> None:
    proxy = TEMPLATE.with_name("fastapi_app") / "proxy" / "haproxy.cfg"
    assert proxy.read_text(encoding="utf-8").count(f"server-template replica {MOST_REPLICAS} ") == 2


def test_an_older_file_gets_the_password_of_redis_when_it_is_completed(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    write_env_file(TEMPLATE, target)
    assert values_of(target)[BROKER_PASSWORD]
    older = [line for line in target.read_text().splitlines() if not line.startswith(BROKER_PASSWORD)]
    target.write_text("\n".join(older))
    assert complete_env_file(target) == (BROKER_PASSWORD,)
    assert values_of(target)[BROKER_PASSWORD]


def test_an_older_file_gets_the_passwords_of_roles_that_it_lacks_and_keeps_all_else(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    write_env_file(TEMPLATE, target)
    whole = target.read_text()
    lines = whole.splitlines()
    older = [line for line in lines if not line.startswith(("BACKUP_READER_PASSWORD=", "POSTGRES_PASSWORD="))]
    older = ["API_READER_PASSWORD=" if line.startswith("API_READER_PASSWORD=") else line for line in older]
    target.write_text("\n".join(["# mine", *older]))
    # The superuser's is not made up: it must stay what the cluster was made with.
    assert complete_env_file(target) == ("API_READER_PASSWORD", "BACKUP_READER_PASSWORD")
    now = target.read_text().splitlines()
    assert [line for line in now if line not in lines] == [
        "# mine",
        *(line for line in now if line.startswith(("API_READER_PASSWORD=", "BACKUP_READER_PASSWORD="))),
    ]
    assert [line for line in ["# mine", *older] if line not in now] == ["API_READER_PASSWORD="]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert complete_env_file(target) == ()
    assert target.read_text().splitlines() == now
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


def test_a_variable_is_set_in_its_line_with_its_comment_once(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    target.write_text("A=1\nB=2\nC=3\n")
    for _ in range(2):
        set_in_env_file(target, {"B": "x=y", "D": "4"}, comments={"B": "# why"})
    assert target.read_text() == "A=1\n# why\nB=x=y\nC=3\nD=4\n"
