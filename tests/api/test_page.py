"""The page for people: served as it stands, from one place only, in two languages that say the same."""

import re
from typing import Final

import pytest

from fastapi_app.main import create_app
from fastapi_app.routes.page import MEDIA_TYPES, WEB
from fastapi_app.settings import ApiSettings
from tests.api.builders import NOW, FolderRegistry
from tests.api.client import TestClient

SCRIPTS: Final = sorted(WEB.glob("js/**/*.js"))
STYLES: Final = sorted(WEB.glob("css/*.css"))
ENTRIES: Final = {"/web/js/app.js", "/web/js/theme.js"}
IMPORTED: Final = re.compile(r'^(?:import|export) [^;]*?from "(\.[^"]+)";', re.MULTILINE)
TEXT: Final = re.compile(r'^ {2}"?([\w.]+)"?:\s+"((?:[^"\\]|\\.)*)"', re.MULTILINE)
SVG_NAMESPACE: Final = "http://www.w3.org/2000/svg"


def index() -> str:
    return (WEB / "index.html").read_text(encoding="utf-8")


def address(path: object) -> str:
    return f"/web/{path}"


def texts(language: str) -> dict[str, str]:
    files = (WEB / "js/texts" / f"{name}.js" for name in (language, f"{language}_data"))
    return {key: text for file in files for key, text in TEXT.findall(file.read_text(encoding="utf-8"))}


def code() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in SCRIPTS if file.parent.name != "texts")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_may_load_nothing_from_elsewhere_and_is_asked_for_anew(client: TestClient, method: str) -> None:
    for path in ("/", "/web/js/app.js", "/web/favicon.svg"):
        answer = client.request(method, path)
        assert answer.status_code == 200
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert set(policy.values()) == {"'self'", "'none'"}
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_a_browser_has_already_is_not_sent_again(client: TestClient) -> None:
    for path in ("/", "/web/js/app.js", "/web/css/base.css"):
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == "no-cache"
        assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


def test_every_file_is_served_with_its_media_type_and_nothing_beside_them_is(client: TestClient) -> None:
    files = [file for file in WEB.rglob("*") if file.is_file()]
    assert len(files) > 30
    for file in files:
        answer = client.get(address(file.relative_to(WEB)))
        assert (answer.status_code, answer.content) == (200, file.read_bytes())
        assert answer.headers["content-type"] == MEDIA_TYPES[file.suffix]
    for outside in ("/web/none.js", "/web/", "/web/js", "/web/%2e%2e/settings.py", "/web/..%2fsettings.py"):
        answer = client.get(outside)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_page_names_every_file_so_that_none_waits_for_another() -> None:
    preloaded = set(re.findall(r'<link rel="modulepreload" href="([^"]+)">', index()))
    assert preloaded | ENTRIES == {address(file.relative_to(WEB)) for file in SCRIPTS}
    assert set(re.findall(r'<link rel="stylesheet" href="([^"]+)">', index())) == {
        address(file.relative_to(WEB)) for file in STYLES
    }


def test_every_module_is_imported_from_where_it_is() -> None:
    imported = {
        (file.parent / path).resolve()
        for file in SCRIPTS
        for path in IMPORTED.findall(file.read_text(encoding="utf-8"))
    }
    assert imported == {file for file in SCRIPTS if address(file.relative_to(WEB)) not in ENTRIES}


def test_no_script_and_no_style_is_written_into_the_page() -> None:
    assert [tag for tag in re.findall(r"<script[^>]*>", index()) if " src=" not in tag] == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", index()) == []


def test_no_file_names_another_host_and_no_data_becomes_markup() -> None:
    whole = index() + code() + "".join(file.read_text(encoding="utf-8") for file in STYLES)
    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", whole.replace(SVG_NAMESPACE, "")) == []
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|@import", whole) == []
    )


def test_both_languages_have_the_same_texts_with_the_same_places_for_values() -> None:
    english, spanish = texts("en"), texts("es")
    assert len(english) > 200
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", spanish[key])), key


def test_every_text_that_is_asked_for_is_there_and_no_other() -> None:
    known, source = set(texts("en")), code()
    groups = set(re.findall(r'\bword\("(\w+)"', source)) | set(re.findall(r"\bt\(`([\w.]+)\.\$\{", source))
    endings = set(re.findall(r"\bt\(`\$\{\w+\}\.(\w+)`", source))
    assert set(re.findall(r'\bt\(\s*"([\w.]+)"', source)) <= known
    assert groups <= {key.rpartition(".")[0] for key in known}
    made = {key for key in known if key.rpartition(".")[0] in groups or key.rpartition(".")[2] in endings}
    assert {key for key in known - made if f'"{key}"' not in source} == set()


def test_the_page_needs_no_key_though_its_data_does(registry: FolderRegistry) -> None:
    guarded = create_app(
        ApiSettings(_env_file=None, MERCADO_API_KEY="a-key-of-enough-length"), registry, now=lambda: NOW
    )
    client = TestClient(guarded)
    assert [client.get(path).status_code for path in ("/", "/web/js/app.js", "/web/favicon.svg")] == [200] * 3
    assert [client.get(path).status_code for path in ("/model", "/website", "/web")] == [401] * 3


def test_the_page_is_no_part_of_the_document_of_the_api(client: TestClient) -> None:
    assert not {"/", "/web"} & client.get("/openapi.json").json()["paths"].keys()
