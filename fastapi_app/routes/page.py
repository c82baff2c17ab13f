"""GET /, the page for people, and its files under /web/.

They are served as they stand in ``fastapi_app/web``: nothing is built. A browser keeps them, and asks each time whether
they are still the same (``no-cache`` with an ``ETag``), so a page never mixes the files of two versions for long.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

WEB: Final = Path(__file__).parent.parent / "web"
PAGE: Final = "index.html"
PATH: Final = "/web"
# Nothing from elsewhere, nothing written into the document; the page is no part of another's.
POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# The machine's own table may call a script text/plain, which a browser that was told `nosniff` does not run.
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

router = APIRouter(include_in_schema=False)


class PageFiles(StaticFiles):
    """The page's files with `HEADERS`."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, or that it has not changed.

        Raises:
            HTTPException: There is no such file (404), or the method is neither GET nor HEAD (405).
        """
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        if response.status_code == HTTPStatus.OK:
            response.headers["Content-Type"] = MEDIA_TYPES[Path(path).suffix]
        return response


_files = PageFiles(directory=WEB)


@router.api_route("/", methods=["GET", "HEAD"])
async def read_page(request: Request) -> Response:
    """Answer with the page."""
    return await _files.get_response(PAGE, request.scope)


def add_page(app: FastAPI) -> None:
    """Serve the page at ``/`` and its files under `PATH`."""
    app.include_router(router)
    app.mount(PATH, _files)
