"""The lock files' inputs: what `make lock` stamps into them and what a test compares without network."""

import hashlib
import json
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
LOCK = REPOSITORY / "requirements.lock"
IMAGE_LOCKS = (
    *(REPOSITORY / image / "requirements.txt" for image in ("airflow", "fastapi_app", "mlflow_custom")),
    REPOSITORY / "wheel-requirements.txt",
)


def inputs_digest() -> str:
    """Return the SHA-256 of everything in pyproject.toml that decides what is locked."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    inputs = [project["project"]["dependencies"], project["project"]["requires-python"], project["dependency-groups"]]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    sys.stdout.write(inputs_digest())
