"""The secrets in the settings: there, none a known default, no two alike, readable by their owner alone."""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from mercado.doctor.findings import Finding, judged
from mercado.doctor.target import Target
from mercado.environment import REQUIRED_SECRETS, secret_problems

OPTIONAL_SECRETS = ("MERCADO_API_KEY", "MERCADO_API_WEBHOOK_SECRET")


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the secrets and of the file that holds them."""
    platform = target.platform
    yield secrets_finding(platform.values, platform.settings_file, in_addresses=target.in_containers)
    yield equal_secrets_finding(platform.values, platform.settings_file)
    yield mode_finding("secrets.file", platform.settings_file, 0o600)
    # The state of `make up` is in volumes; its folder holds logs of Compose alone.
    if platform.simulated or not target.in_containers:
        yield mode_finding("secrets.folder", platform.state, 0o700)


def secrets_finding(values: Mapping[str, str], file: Path, *, in_addresses: bool) -> Finding:
    """Return whether every secret is there and usable.

    Args:
        values: The settings.
        file: Where they are stated.
        in_addresses: Whether passwords go into addresses unquoted, as on Compose.
    """
    problems = [f"{name} {what}" for name, what in secret_problems(values, in_addresses=in_addresses).items()]
    healthy = f"{len(REQUIRED_SECRETS)} are set, none a known default"
    remedy = f"Set a secret of your own in {file}: openssl rand -hex 24"
    return judged("secrets.set", "secrets", problems, healthy=healthy, remedy=remedy)


def equal_secrets_finding(values: Mapping[str, str], file: Path) -> Finding:
    """Return whether no two secrets are the same."""
    owners: dict[str, list[str]] = {}
    for name in (*REQUIRED_SECRETS, *OPTIONAL_SECRETS):
        if secret := values.get(name):
            owners.setdefault(secret, []).append(name)
    problems = [f"{' and '.join(names)} are the same" for names in owners.values() if len(names) > 1]
    remedy = f"Give each one of its own in {file}: openssl rand -hex 24"
    return judged("secrets.distinct", "secrets differ", problems, healthy="no two alike", remedy=remedy)


def mode_finding(finding_id: str, path: Path, mode: int) -> Finding:
    """Return whether nobody but its owner has any right on a path.

    Args:
        finding_id: Id of the finding.
        path: File or folder.
        mode: What it should be, for the remedy.
    """
    if not path.exists():
        return judged(finding_id, path.name, [f"{path} is missing"], healthy="", remedy="make env")
    found = stat.S_IMODE(path.stat().st_mode)
    problems = [f"{path} has mode {found:o}, so others can read it"] if found & 0o077 else []
    return judged(finding_id, path.name, problems, healthy=f"mode {found:o}", remedy=f"chmod {mode:o} {path}")
