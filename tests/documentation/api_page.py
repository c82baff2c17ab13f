"""docs/api.md, made from the API's OpenAPI document; `make docs` writes it, a test compares."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from tests.documentation.schemas import field_rows, row, type_of

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "api.md"
HEAD: Final = """# HTTP API

Written by `make docs` from the API's own OpenAPI document; a test compares. The same, to try out, is at
<http://localhost:8000/docs>, for programs at <http://localhost:8000/openapi.json>.

{description}

Besides what each endpoint lists, every one answers 500 when the server made a mistake. With `MERCADO_AUTH=on` all but
the page, the documentation and the health endpoints answer 401 without the header `X-API-Key` (or a bearer token);
with `MERCADO_API_REQUESTS_PER_MINUTE` set, 429 above it. Each error is a [Problem](#problem). The bodies
`predict.json`, `batch.json` and `features.json` below are the examples that the OpenAPI document has.
"""
# What a request needs and its schema cannot say. The placeholder is filled by the test that runs the commands.
EXAMPLES: Final = {"prediction_id": "PREDICTION_ID", "product": "Plátano hartón verde"}
BODIES: Final = {"/predict": "predict.json", "/predict/batch": "batch.json", "/predict/features": "features.json"}
TABLE: Final = ["| {what} | type | | |", "|---|---|---|---|"]


def openapi_document() -> dict[str, Any]:
    """Return the document of an API with every endpoint, whatever the environment says."""
    secret = "an-endpoint-needs-it"
    settings = ApiSettings(
        _env_file=None,
        MERCADO_AUTH="off",
        MERCADO_API_REQUESTS_PER_MINUTE=0,
        MERCADO_API_WEBHOOK_SECRET=secret,
    )
    return create_app(settings).openapi()


def api_page(document: dict[str, Any]) -> str:
    """Return the page in Markdown: endpoints by tag, then the objects that they take and give."""
    operations = [
        (f"{method.upper()} {path}", each) for path, item in document["paths"].items() for method, each in item.items()
    ]
    parts = [HEAD.format(description=document["info"]["description"]), _contents(document, operations)]
    for tag in document["tags"]:
        parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}\n")
        parts += [_operation(name, each) for name, each in operations if tag["name"] in each["tags"]]
    parts.append("## Objects\n\nFields of what is sent and answered; each field is there unless it is optional.\n")
    return "\n".join([*parts, *(_object(name, each) for name, each in document["components"]["schemas"].items())])


def _contents(document: dict[str, Any], operations: list[tuple[str, dict[str, Any]]]) -> str:
    rows = [
        f"| [`{name}`](#{_slug(name)}) | {each['summary']} |"
        for tag in document["tags"]
        for name, each in operations
        if tag["name"] in each["tags"]
    ]
    return "\n".join(["| endpoint | |", "|---|---|", *rows, ""])


def _operation(name: str, operation: dict[str, Any]) -> str:
    lines = [f"### {name}", "", f"**{operation['summary']}**", "", operation["description"], ""]
    if parameters := operation.get("parameters"):
        lines += [TABLE[0].format(what="parameter"), TABLE[1]]
        lines += [_parameter(each) for each in parameters] + [""]
    if body := operation.get("requestBody"):
        lines += [f"Body: {type_of(body['content']['application/json']['schema'])}, JSON.", ""]
    lines += ["| status | answer | |", "|---|---|---|"]
    lines += [_answer(status, each) for status, each in sorted(operation["responses"].items()) if status != "500"]
    if command := _command(name, operation):
        lines += ["", "```console", f"$ {command}", "```"]
    return "\n".join([*lines, ""])


def _parameter(parameter: dict[str, Any]) -> str:
    place = "" if parameter["in"] == "query" else f" (in the {parameter['in']})"
    schema = parameter["schema"] | {"description": f"{parameter.get('description', '')}{place}"}
    return row(parameter["name"], schema, optional=not parameter.get("required"))


def _answer(status: str, answer: dict[str, Any]) -> str:
    kinds = [
        type_of(each["schema"]) if media_type.endswith("json") else f"`{media_type}`"
        for media_type, each in answer.get("content", {}).items()
    ]
    meaning = "" if answer["description"] == "Successful Response" else answer["description"]
    return f"| {status} | {' or '.join(kinds)} | {meaning} |"


def _command(name: str, operation: dict[str, Any]) -> str:
    """Return a request that works on a demo; of the webhook, which only MLflow can sign, none."""
    method, path = name.split()
    if path == "/hooks/mlflow":
        return ""
    needed = [
        each["name"] for each in operation.get("parameters", []) if each.get("required") and each["in"] == "query"
    ]
    asked = [f"{parameter}={quote(EXAMPLES[parameter])}" for parameter in needed]
    path = path.format_map(EXAMPLES) + (f"?{'&'.join(asked)}" if asked else "")
    target = f"'localhost:8000{path}'" if asked else f"localhost:8000{path}"
    body = f" -H 'content-type: application/json' -d @{BODIES[path]}" if method == "POST" else ""
    return f"curl {target}{body}"


def _object(name: str, schema: dict[str, Any]) -> str:
    lines = [f"### {name}", "", " ".join(schema.get("description", "").split()), ""]
    if "properties" in schema:
        return "\n".join([*lines, TABLE[0].format(what="field"), TABLE[1], *field_rows(schema), ""])
    return "\n".join([*lines, f"One of {type_of(schema)}.", ""])


def _slug(heading: str) -> str:
    return "".join(letter for letter in heading.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")
