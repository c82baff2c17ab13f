"""Containers as `docker inspect` describes them, written by hand in the same shape, as they should be."""

from typing import Any


def container(service: str, **changes: Any) -> dict[str, Any]:
    """Return a healthy container of a service; a change is a path with dots, as ``State.ExitCode``."""
    described: dict[str, Any] = {
        "Id": f"{service}-id",
        "RestartCount": 0,
        "State": {
            "Status": "running",
            "Running": True,
            "Paused": False,
            "ExitCode": 0,
            "OOMKilled": False,
            "Health": {"Status": "healthy"},
        },
        "Config": {
            "Env": ["HTTP_PROXY=", "NO_PROXY=postgres,mlflow,airflow-apiserver"],
            "Cmd": ["run", service],
            "Healthcheck": {"Test": ["CMD", "python", "-m", "mercado_airflow.health", "scheduler"]},
            "Labels": {"com.docker.compose.service": service},
        },
        "HostConfig": {
            "Memory": 1 << 30,
            "Privileged": False,
            "SecurityOpt": ["no-new-privileges:true"],
            "CapAdd": None,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
            "PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
        },
        "Mounts": [
            {"Type": "volume", "Source": "/volumes/logs", "Destination": "/opt/airflow/logs"},
            {"Type": "volume", "Source": "/volumes/data", "Destination": "/var/lib/postgresql"},
        ],
    }
    for path, value in changes.items():
        *folders, name = path.split("__")
        place = described
        for folder in folders:
            place = place[folder]
        place[name] = value
    return described
