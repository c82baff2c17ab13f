"""Which files, profiles and variables Compose gets for a platform: its workers and APIs, its sources, its ports."""

from mercado.environment import REPLICAS, WORKERS
from mercado.local.platform import Platform
from mercado.local.programs import source_settings, training_settings
from mercado.local.supervision import inherited_environment

SIMULATORS = "http://simulators:8900"
# What there is on Compose: the platform, and what is added when workers of their own run Airflow's tasks.
BASE_FILE, CELERY_FILE = "docker-compose.yml", "docker-compose.celery.yml"
PROXY = "proxy"
# Each replica of the API has any free port, and takes the word of the proxy, whose address is of Docker's networks, on
# its clients.
BEHIND_PROXY = {"API_REPLICA_PORTS": "0", "MERCADO_API_TRUSTED_PROXIES": "172.16.0.0/12,192.168.0.0/16"}


def compose_options(platform: Platform, *, everything: bool) -> list[str]:
    """Return the options that choose Compose's files and profiles.

    Args:
        platform: Says how many workers and APIs there are, and whether its sources are simulated.
        everything: Whether services count that are not wanted by now, and may run from before.
    """
    workers = platform.workers or (everything and platform.may_have_workers)
    files = [BASE_FILE, *([CELERY_FILE] if workers else [])]
    profiles = [
        *(["offline"] if platform.simulated else []),
        *([PROXY] if everything or platform.replicas > 1 else []),
    ]
    return [part for file in files for part in ("--file", file)] + [
        part for profile in profiles for part in ("--profile", profile)
    ]


def compose_environment(platform: Platform) -> dict[str, str]:
    """Return the variables that take precedence over the platform's settings file."""
    chosen = {
        **platform.choices,
        **source_settings(platform, simulators=SIMULATORS),
        **training_settings(platform),
        "MERCADO_DATA_DIR": str(platform.data),
        "MERCADO_BACKUP_DIR": str(platform.backups),
        WORKERS: str(platform.workers),
        REPLICAS: str(platform.replicas),
        "DOCKER_BUILDKIT": "1",
    }
    return inherited_environment() | chosen | (BEHIND_PROXY if platform.replicas > 1 else {})
