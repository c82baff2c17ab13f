"""Python and the packages of this installation, against what the lock says."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.markers import Marker

from mercado.doctor.findings import Finding, judged
from mercado.doctor.target import Target
from mercado.local.platform import REPOSITORY

LOCK = REPOSITORY / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
# Told in the table; the others are counted.
MAIN_PACKAGES = ("apache-airflow", "mlflow", "optuna", "xgboost-cpu", "fastapi", "psycopg")
# Distributions that install the same module: with both, whichever came last is imported.
RIVALS = {"xgboost-cpu": "xgboost"}


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of Python and the installed packages."""
    yield python_finding(sys.version_info[:3])
    installed = installed_versions()
    yield packages_finding(installed, locked_versions(LOCK))
    yield rivals_finding(installed)


def python_finding(version: Sequence[int]) -> Finding:
    """Return whether Python is one that the lock was resolved for."""
    stated = ".".join(map(str, version))
    supported = (3, 11) <= tuple(version[:2]) <= (3, 13)
    problems = [] if supported else [f"{stated} is not supported"]
    return judged("python.version", "Python", problems, healthy=stated, remedy="make PYTHON=/path/to/python3.12 setup")


def installed_versions(path: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Return the versions of each distribution by its normalised name; more than one is a defect in itself.

    Args:
        path: Folders to look in; default: where Python looks.
    """
    found: Iterable[Distribution] = distributions() if path is None else distributions(path=list(path))
    versions: dict[str, list[str]] = {}
    for each in found:
        known = versions.setdefault(normalised(each.name), [])
        if each.version not in known:
            known.append(each.version)
    return versions


def locked_versions(lock: Path) -> dict[str, str]:
    """Return the version of each package that the lock demands on this machine, by its normalised name."""
    matches = (PINNED.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    here = (each for each in matches if each and (each[3] is None or Marker(each[3]).evaluate()))
    return {normalised(each[1]): each[2] for each in here}


def normalised(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def packages_finding(installed: Mapping[str, Sequence[str]], locked: Mapping[str, str]) -> Finding:
    """Return whether every locked package is installed in exactly its version."""
    problems = []
    for name, version in locked.items():
        found = installed.get(name, ())
        if version not in found:
            problems.append(f"{name} {', '.join(found) or 'is not installed'} in place of {version}")
        elif len(found) > 1:
            problems.append(f"{name} is there as {' and '.join(found)}")
    main = ", ".join(f"{name} {locked[name]}" for name in MAIN_PACKAGES if name in locked)
    return judged(
        "packages.lock",
        "packages",
        problems,
        healthy=f"{len(locked)} as locked: {main}",
        remedy="rm -rf .venv; make setup",
    )


def rivals_finding(installed: Mapping[str, Sequence[str]]) -> Finding:
    """Return whether another distribution of the same module stands beside a locked one."""
    problems = [
        f"{other} beside {name}: one overwrote the other" for name, other in RIVALS.items() if other in installed
    ]
    return judged("packages.xgboost", "XGBoost", problems, healthy="one build", remedy="rm -rf .venv; make setup")
