"""The servers that are compared: our API from this environment, each rival from a throw-away one of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from mercado.local.supervision import inherited_environment
from tests.benchmarks.serving_figures import OURS, RIVAL
from tests.benchmarks.serving_model import Served
from tests.benchmarks.serving_questions import MLSERVER_MODEL, rows_for_mlflow, rows_for_mlserver, rows_for_ours
from tests.benchmarks.serving_servers import Contender

REPOSITORY = Path(__file__).parent.parent.parent
OUR_COMMAND = "{python} -m fastapi_app --host 127.0.0.1 --port {{port}}"
MLFLOW_COMMAND = (
    "{bin}/mlflow models serve --model-uri models:/{model} --env-manager local --workers 1 --host 127.0.0.1 "
    "--port {{port}}"
)
MLSERVER_COMMAND = "{bin}/mlserver start ."
# In-process, without metrics, tracing of requests or compression: the least that it does for an answer.
MLSERVER_SETTINGS = {
    "MLSERVER_HOST": "127.0.0.1",
    "MLSERVER_HTTP_PORT": "{port}",
    "MLSERVER_GRPC_PORT": "0",
    "MLSERVER_METRICS_ENDPOINT": "",
    "MLSERVER_PARALLEL_WORKERS": "0",
    "MLSERVER_DEBUG": "false",
    "MLSERVER_GZIP_ENABLED": "false",
}
MLSERVER_RUNTIME = "mlserver_mlflow.MLflowRuntime"
# What computes the forecasts is the same on all sides.
SAME_VERSIONS = ("numpy", "TA-Lib", "xgboost-cpu", "pandas", "mlflow")
WHAT_WAS_TRIED = (
    "MLServer with mlserver-mlflow installs on Python 3.11 and serves this version (its own protocol, in-process, "
    "parallel_workers 0); so BentoML, the second choice, was not measured."
)


def our_api(served: Served, folder: Path, platform: Mapping[str, str]) -> Contender:
    """Return our API, as the platform runs it.

    Args:
        served: Its champion.
        folder: Where its log is kept.
        platform: The settings that name MLflow and the warehouse.
    """
    (folder / "ours").mkdir()
    settings = {"MERCADO_ENV_FILE": os.devnull, "PYTHONPATH": str(REPOSITORY)}
    return Contender(
        name=OURS,
        command=OUR_COMMAND.format(python=sys.executable).split(),
        environment=inherited_environment() | settings | platform,
        folder=folder / "ours",
        rows=rows_for_ours(served),
        versions={package: version(package) for package in ("fastapi", "uvicorn", "pydantic")},
    )


def mlflow_server(served: Served, folder: Path, tracking_uri: str) -> Contender:
    """Install MLflow, and return its own server of the champion."""
    environment = _environment(folder / "mlflow", ())
    model = f"{served.version.name}/{served.version.version}"
    return Contender(
        name=RIVAL,
        command=MLFLOW_COMMAND.format(bin=environment / "bin", model=model).split(),
        environment=_variables(environment, tracking_uri),
        folder=environment,
        rows=rows_for_mlflow(served),
        versions=_versions(environment, ("mlflow", "uvicorn", "pandas")),
    )


def mlserver(served: Served, folder: Path, tracking_uri: str) -> Contender:
    """Install MLServer, and return it with its MLflow runtime on the champion."""
    environment = _environment(folder / "mlserver", ("mlserver", "mlserver-mlflow"))
    settings = {
        "name": MLSERVER_MODEL,
        "implementation": MLSERVER_RUNTIME,
        "parameters": {"uri": f"models:/{served.version.name}/{served.version.version}"},
    }
    models = environment / "models"
    models.mkdir()
    (models / "model-settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return Contender(
        name="MLServer",
        command=MLSERVER_COMMAND.format(bin=environment / "bin").split(),
        environment=_variables(environment, tracking_uri) | MLSERVER_SETTINGS,
        folder=models,
        rows=rows_for_mlserver(served),
        versions=_versions(environment, ("mlserver", "mlserver-mlflow", "mlflow", "uvicorn", "pandas")),
    )


def command_of(contender: Contender) -> str:
    """Return a contender's command as a person would type it in its environment."""
    return " ".join(Path(word).name if word.startswith("/") else word for word in contender.command).replace(
        "{port}", "PORT"
    )


def _environment(folder: Path, packages: tuple[str, ...]) -> Path:
    """Make a virtual environment with Mercado from this checkout, with what it computes with, and with packages."""
    _uv("venv", "--python", sys.executable, str(folder))
    same = [f"{package}=={version(package)}" for package in SAME_VERSIONS]
    # uv keeps what it built of a folder for as long as its pyproject.toml stays the same.
    fresh = ("--reinstall-package", "mercado", "--refresh-package", "mercado", str(REPOSITORY))
    _uv("pip", "install", "--python", str(folder / "bin" / "python"), *fresh, *same, *packages)
    return folder


def _versions(environment: Path, packages: tuple[str, ...]) -> dict[str, str]:
    program = f"import importlib.metadata as m, json; print(json.dumps({{p: m.version(p) for p in {packages!r}}}))"
    done = subprocess.run([environment / "bin" / "python", "-c", program], check=True, capture_output=True, text=True)
    versions: dict[str, str] = json.loads(done.stdout)
    return versions


def _variables(environment: Path, tracking_uri: str) -> dict[str, str]:
    """Return the environment variables of a rival: its own programs come first, as after ``activate``."""
    inherited = inherited_environment()
    own = {"PATH": f"{environment / 'bin'}:{inherited['PATH']}", "VIRTUAL_ENV": str(environment)}
    return inherited | own | {"MLFLOW_TRACKING_URI": tracking_uri}


def _uv(*words: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    done = subprocess.run([uv, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"uv {' '.join(words)}: {done.stderr}")
