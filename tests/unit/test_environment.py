"""`make env`: fresh secrets, whole files, nothing overwritten."""

import base64
import stat
from pathlib import Path

import pytest

from mercado.environment import (
    FERNET_KEY,
    REQUIRED_SECRETS,
    filled,
    fresh_values,
    secret_problems,
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
