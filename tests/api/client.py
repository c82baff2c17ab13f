"""Starlette's test client, imported without the one warning that it gives about httpx (httpx2 is not in the lock)."""

import warnings

from starlette.exceptions import StarletteDeprecationWarning

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Using `httpx` with", category=StarletteDeprecationWarning)
    from starlette.testclient import TestClient

__all__ = ["TestClient"]
