"""Behind a proxy: whose word is taken for a client's address, by which requests are limited and logged."""

import logging
from collections.abc import Sequence

import httpx
import pytest

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.errors import ConfigurationError
from tests.api.builders import NOW, FolderRegistry
from tests.api.serving import running_server

LOOPBACK = "127.0.0.1"
LIMIT = 2


def statuses(registry: FolderRegistry, proxies: Sequence[str], forwarded: Sequence[str]) -> list[int]:
    """Return what requests are answered that come over one connection, each forwarded for somebody."""
    app = create_app(ApiSettings(_env_file=None, MERCADO_API_REQUESTS_PER_MINUTE=LIMIT), registry, now=lambda: NOW)
    with running_server(app, proxies=proxies) as url, httpx.Client(base_url=url) as client:
        return [client.get("/models", headers={"X-Forwarded-For": each}).status_code for each in forwarded]


def test_nobody_is_believed_unless_that_is_stated(registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert statuses(registry, [], ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [200, 200, 429]


@pytest.mark.parametrize("proxies", [[LOOPBACK], ["127.0.0.0/8"], ["192.0.2.200", LOOPBACK]])
def test_behind_a_trusted_proxy_each_client_has_a_limit_of_its_own(
    registry: FolderRegistry, proxies: list[str]
) -> None:
    asked = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1"]
    assert statuses(registry, proxies, asked) == [200, 200, 429, 200, 200]


def test_what_a_client_wrote_there_itself_is_not_believed(registry: FolderRegistry) -> None:
    invented = [f"198.51.100.{number}, 192.0.2.1" for number in range(3)]
    assert statuses(registry, [LOOPBACK], invented) == [200, 200, 429]


def test_another_peer_than_the_proxy_is_not_believed(registry: FolderRegistry) -> None:
    assert statuses(registry, ["192.0.2.200"], ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [200, 200, 429]


@pytest.mark.parametrize(("proxies", "client"), [([], LOOPBACK), ([LOOPBACK], "192.0.2.1")])
def test_the_log_tells_the_same_address(
    registry: FolderRegistry, caplog: pytest.LogCaptureFixture, proxies: list[str], client: str
) -> None:
    caplog.set_level(logging.INFO, "fastapi_app.access")
    assert statuses(registry, proxies, ["192.0.2.1"]) == [200]
    (line,) = (vars(record) for record in caplog.records if record.name == "fastapi_app.access")
    assert line["client"] == client


@pytest.mark.parametrize("stated", ["*", "proxy", "127.0.0.1/8", "172.16.0.0/12,nginx"])
def test_what_is_neither_an_address_nor_a_network_is_refused(monkeypatch: pytest.MonkeyPatch, stated: str) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
    monkeypatch.setenv("MERCADO_API_TRUSTED_PROXIES", stated)
    with pytest.raises(ConfigurationError, match="MERCADO_API_TRUSTED_PROXIES: expected addresses or networks"):
        ApiSettings.read()


def test_addresses_and_networks_are_read_with_or_without_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
    assert ApiSettings.read().proxies() == []
    monkeypatch.setenv("MERCADO_API_TRUSTED_PROXIES", "127.0.0.1, 172.16.0.0/12,")
    assert ApiSettings.read().proxies() == ["127.0.0.1", "172.16.0.0/12"]
