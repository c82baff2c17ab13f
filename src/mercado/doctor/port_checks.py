"""The ports: each answers, and listens on this machine alone."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

import psutil

from mercado.doctor import engine
from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.target import Target
from mercado.environment import WORKERS_ADDRESS
from mercado.local.ports import port_answers


def check_processes(target: Target) -> Iterator[Finding]:
    """Yield what is found of the ports of local processes."""
    ports = target.platform.ports.needed(simulated=target.platform.simulated)
    yield answering_finding(ports, start=target.start)
    listening = [
        (each.laddr.port, each.laddr.ip)
        for each in psutil.net_connections(kind="inet")
        if each.status == psutil.CONN_LISTEN and each.laddr
    ]
    yield loopback_finding([pair for pair in listening if pair[0] in ports.values()], restart=target.restart)


def check_containers(target: Target) -> Iterator[Finding]:
    """Yield what is found of the ports that containers publish."""
    yield answering_finding(target.platform.ports.needed(simulated=target.platform.simulated), start=target.start)
    opened = target.platform.values[WORKERS_ADDRESS]
    yield loopback_finding(published(engine.containers(target.project)), opened=opened, restart=target.restart)


def published(containers: Iterable[engine.Container]) -> list[tuple[int, str]]:
    """Return port and address of this machine of each port that a container publishes; no address means all."""
    return [
        (int(binding["HostPort"] or 0), binding["HostIp"] or "0.0.0.0")  # noqa: S104  it is looked for, not opened
        for container in containers
        for bindings in (container["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings or []
    ]


def answering_finding(ports: dict[str, int], *, start: str) -> Finding:
    """Return whether something listens on every port.

    Args:
        ports: By the variable that chooses it.
        start: The command that starts what does not run.
    """
    problems = [f"nothing listens on {port} ({name})" for name, port in ports.items() if not port_answers(port)]
    healthy = ", ".join(f"{name.removesuffix('_PORT').lower()} {port}" for name, port in ports.items())
    return judged("ports.answer", "ports", problems, healthy=healthy, remedy=start)


def loopback_finding(listening: Sequence[tuple[int, str]], *, opened: str = "", restart: str) -> Finding:
    """Return whether every port listens on this machine alone, or where the settings open it.

    Args:
        listening: Port and address of each listener.
        opened: Address on which workers on other hosts reach the platform; empty: none.
        restart: The command that takes up a mended setting.
    """
    problems = [
        f"{port} listens on {address}, for other machines too"
        for port, address in listening
        if not ip_address(address).is_loopback and address != opened
    ]
    remedy = f"Publish it on 127.0.0.1 only, unless others are meant to reach it; then {restart}"
    return judged(
        "ports.loopback",
        "who reaches the ports",
        problems,
        healthy=f"this machine{f' and who reaches {opened}' if opened else ' alone'} ({len(listening)} listeners)",
        remedy=remedy,
        severity=Severity.WARNING,
    )
