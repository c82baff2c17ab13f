"""The files that a local platform is configured by: written once with fresh secrets, completed when they are older."""

from pathlib import Path

from mercado.environment import REPLICAS, WORKERS, complete_env_file, set_in_env_file, write_env_file
from mercado.errors import ConfigurationError
from mercado.local.platform import EXAMPLE, REPOSITORY


def write_local_settings() -> bool:
    """Write ``.env`` with fresh secrets, or add the passwords that one of an older version lacks."""
    return _write_or_complete(REPOSITORY / ".env")


def write_demo_settings(state: Path) -> None:
    """Make the demo's folder and write its settings with fresh secrets, or complete those that are there.

    Raises:
        ConfigurationError: The folder holds something else.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (state / "env").is_file() and any(state.iterdir()):
        raise ConfigurationError(f"{state} is not empty and no demo's folder: choose another one for --state.")
    _write_or_complete(state / "env")


def write_demo_scale(state: Path, *, workers: int | None, replicas: int | None) -> None:
    """Keep in a demo's settings how many workers and APIs it has in containers; ``None`` leaves what is there."""
    stated = {WORKERS: workers, REPLICAS: replicas}
    set_in_env_file(state / "env", {name: str(count) for name, count in stated.items() if count is not None})


def _write_or_complete(file: Path) -> bool:
    """Return whether the file was written; one that was there gets what it lacks."""
    written = write_env_file(EXAMPLE, file)
    if not written:
        complete_env_file(file)
    return written
