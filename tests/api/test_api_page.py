"""docs/api.md says what the API's own document says."""

from tests.documentation.api_page import PAGE, api_page, openapi_document


def test_the_page_about_the_api_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == api_page(openapi_document()), "run `make docs`"


def test_every_endpoint_and_every_field_stands_on_the_page() -> None:
    document = openapi_document()
    page = api_page(document)
    for path, item in document["paths"].items():
        assert [method for method in item if f"### {method.upper()} {path}\n" not in page] == []
    for name, schema in document["components"]["schemas"].items():
        section = page.split(f"### {name}\n")[1].split("### ")[0]
        assert [field for field in schema.get("properties", {}) if f"| `{field}` |" not in section] == []
