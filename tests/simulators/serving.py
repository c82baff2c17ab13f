"""The HTTP server of a simulator."""

import logging
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from tests.simulators.application import UNFINISHED_ANSWER


def make_server(application: ASGIApp, **settings: Any) -> uvicorn.Server:
    """Return a server of ``application`` that does not log the connections that it drops on purpose."""
    logging.getLogger("uvicorn.error").addFilter(_is_no_planned_cut)
    config = uvicorn.Config(application, lifespan="off", ws="none", access_log=False, log_config=None, **settings)
    return uvicorn.Server(config)


def _is_no_planned_cut(record: logging.LogRecord) -> bool:
    return record.getMessage() != UNFINISHED_ANSWER
