"""Every link in the documentation leads somewhere. Other sites are not asked: only how their addresses are written."""

from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from dotenv import dotenv_values
from starlette.routing import BaseRoute, Match

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from tests.documentation.pages import ROOT, anchors, links, pages, repository_files, resolved

LOCAL = ("localhost", "127.0.0.1")


def broken(page: str, link: str) -> bool:
    """Return whether a link within the repository leads to no file, or to no heading of it."""
    path, _, anchor = unquote(link).partition("#")
    target = resolved(page, path) if path else page
    files = repository_files()
    if target not in files and not any(file.startswith(f"{target}/") for file in files):
        return True
    return bool(anchor) and (not target.endswith(".md") or anchor not in anchors(target))


@cache
def routes() -> list[BaseRoute]:
    """Return the API's routes, the page's among them."""
    return create_app(ApiSettings(_env_file=None)).routes


def is_local_address(link: str) -> bool:
    """Return whether an address of this machine is one of a service of the platform, and of the API a path it has."""
    ports = {port: name for name, port in dotenv_values(ROOT / ".env.example").items() if name.endswith("_PORT")}
    parts = urlsplit(link)
    name = ports.get(str(parts.port))
    if name != "API_PORT":
        return name in ("AIRFLOW_PORT", "MLFLOW_PORT", "SIMULATORS_PORT")
    asked = {"type": "http", "method": "GET", "path": parts.path or "/"}
    return any(route.matches(asked)[0] == Match.FULL for route in routes())


@pytest.mark.parametrize("page", pages())
def test_every_relative_link_leads_to_a_file_and_a_heading(page: str) -> None:
    assert [link for link in links(page) if not urlsplit(link).scheme and broken(page, link)] == []


@pytest.mark.parametrize("page", pages())
def test_every_address_is_well_formed_and_of_this_machine_a_service_of_the_platform(page: str) -> None:
    addresses = [link for link in links(page) if urlsplit(link).scheme]
    assert [each for each in addresses if urlsplit(each).scheme not in ("http", "https")] == []
    assert [each for each in addresses if not urlsplit(each).hostname or " " in each] == []
    local = [each for each in addresses if urlsplit(each).hostname in LOCAL]
    assert [each for each in local if not is_local_address(each)] == []


def test_a_broken_link_is_found() -> None:
    assert not broken("README.md", "docs/data-dictionary.md#opsloads")
    assert not broken("docs/api.md", "../README.md")
    assert not broken("README.md", "docs/adr")
    assert broken("README.md", "docs/no-such-page.md")
    assert broken("README.md", "docs/data-dictionary.md#no-such-heading")
    assert broken("README.md", "#no-such-heading")
    assert is_local_address("http://localhost:8000/predict")
    assert not is_local_address("http://localhost:8000/no-such-path")
    assert not is_local_address("http://localhost:9999")
