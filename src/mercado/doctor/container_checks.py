"""The containers of a platform, as the engine describes them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from mercado.doctor import container_queue_checks, engine
from mercado.doctor.container_rules import health_problems, security_problems, setup_problems
from mercado.doctor.engine import Container
from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.target import Target

OLDEST_ENGINE, OLDEST_COMPOSE = (20, 10), (2,)
MOST_MEMORY_SHARE = 0.9
NUMBERS = re.compile(r"\d+")


def check_engine(target: Target) -> Iterator[Finding]:
    """Yield whether engine and Compose are new enough."""
    versions = json.loads(engine.ask("version", "--format", "{{json .}}"))
    yield engine_finding(versions["Server"]["Version"], engine.ask("compose", "version", "--short").strip())


def engine_finding(engine_version: str, compose_version: str) -> Finding:
    """Return whether engine and Compose are new enough.

    Args:
        engine_version: Such as ``20.10.24+dfsg1``.
        compose_version: Such as ``2.26.1-4`` or ``v2.26.1``.
    """
    problems = []
    if _numbers(engine_version) < OLDEST_ENGINE:
        problems.append(f"engine {engine_version} is older than 20.10")
    if _numbers(compose_version) < OLDEST_COMPOSE:
        problems.append(f"Compose {compose_version} is older than 2")
    healthy = f"engine {engine_version}, Compose {compose_version}"
    return judged("containers.engine", "Docker", problems, healthy=healthy, remedy="Install a newer Docker engine")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in NUMBERS.findall(version)[:2])


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the containers."""
    found = engine.containers(target.project)
    logs = f"docker compose -p {target.project} logs SERVICE; {target.start}"
    yield from findings(found, target.platform.values, start=target.start, logs=logs)
    yield from container_queue_checks.check(found, start=target.start, logs=logs)
    yield root_finding(engine.root_processes(found), restart=target.restart)


def findings(found: Sequence[Container], values: Mapping[str, str], *, start: str, logs: str) -> Iterator[Finding]:
    """Yield what the engine's descriptions of the containers tell.

    Args:
        found: Of each container.
        values: The settings.
        start: The command that starts what does not run, with the files and settings as they are.
        logs: How a person reads a service's log.
    """
    states = _told(found, health_problems)
    yield judged("containers.states", "containers", states, healthy=f"{len(found)} as they should be", remedy=logs)
    restarts = [
        f"{engine.name(each)} was started again {each['RestartCount']} times" for each in found if each["RestartCount"]
    ]
    yield judged("containers.restarts", "restarts", restarts, healthy="none", remedy=logs, severity=Severity.WARNING)
    yield judged(
        "containers.security",
        "containers' rights",
        _told(found, security_problems),
        healthy="none is privileged or can gain privileges",
        remedy=f"Compare docker-compose.yml with the one of this version, then {start}",
    )
    yield judged(
        "containers.setup",
        "containers' setup",
        _told(found, setup_problems),
        healthy="limits, log rotation, health checks, volumes and proxies as they should be",
        remedy=f"Compare docker-compose.yml with the one of this version, then {start}",
        severity=Severity.WARNING,
    )
    missing = (
        [] if values.get("AIRFLOW_UID") else ["AIRFLOW_UID is not set: files in data/ would belong to another user"]
    )
    yield judged(
        "containers.uid",
        "AIRFLOW_UID",
        missing,
        healthy=values.get("AIRFLOW_UID", ""),
        remedy=f"Set AIRFLOW_UID to the output of id -u in the settings, then {start}",
        severity=Severity.WARNING,
    )


def _told(found: Sequence[Container], rule: engine.Rule) -> list[str]:
    return [f"{engine.name(each)} {problem}" for each in found for problem in rule(each)]


def root_finding(by_service: Mapping[str, Sequence[str]], *, restart: str) -> Finding:
    """Return whether no process in a container runs as root.

    Args:
        by_service: The command lines that do.
        restart: The command that starts the containers anew.
    """
    problems = [f"{name} runs {len(lines)} processes as root" for name, lines in by_service.items() if lines]
    remedy = f"Set `user:` of the service in docker-compose.yml as this version has it, then {restart}"
    return judged("containers.root", "root", problems, healthy="no process", remedy=remedy, severity=Severity.WARNING)


def check_usage(target: Target) -> Iterator[Finding]:
    """Yield whether a container is close to its memory limit; the engine takes two seconds to tell."""
    yield usage_finding(engine.memory_shares(engine.containers(target.project)))


def usage_finding(shares: Mapping[str, float], *, most: float = MOST_MEMORY_SHARE) -> Finding:
    """Return whether every container has memory left.

    Args:
        shares: Of its limit, 0 to 1, by service.
        most: Above which it is too little.
    """
    problems = [f"{name} uses {share:.0%} of its limit" for name, share in shares.items() if share > most]
    name = max(shares, key=lambda each: shares[each], default="")
    healthy = f"at most {shares[name]:.0%} of a limit ({name})" if shares else "no container runs"
    return judged(
        "containers.memory",
        "containers' memory",
        problems,
        healthy=healthy,
        remedy="Raise its mem_limit in docker-compose.yml; of the scheduler: train with fewer trials at once",
        severity=Severity.WARNING,
    )
