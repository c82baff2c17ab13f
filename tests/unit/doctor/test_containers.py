"""What the engine's description of a container tells: each defect is named, and nothing else is."""

from typing import Any

import pytest

from mercado.doctor.container_checks import engine_finding, findings, root_finding, usage_finding
from mercado.doctor.findings import Finding, Severity
from mercado.doctor.port_checks import loopback_finding, published
from tests.unit.doctor.described import container

LOG = {"Type": "json-file", "Config": {}}
PROXY = ["HTTP_PROXY=http://proxy:3128", "NO_PROXY=localhost"]
DEFECTS = [
    (
        "containers.states",
        "api",
        {"State__Running": False, "State__Status": "exited", "State__ExitCode": 3},
        "is exited (3)",
    ),
    ("containers.states", "api", {"State__Health": {"Status": "unhealthy"}}, "api is unhealthy"),
    ("containers.states", "api", {"State__Paused": True}, "api is paused"),
    ("containers.states", "airflow-scheduler", {"State__OOMKilled": True}, "was killed for want of memory"),
    ("containers.states", "migrate", {"State__Running": False, "State__ExitCode": 1}, "migrate ended with 1"),
    ("containers.restarts", "mlflow", {"RestartCount": 4}, "mlflow was started again 4 times"),
    ("containers.security", "api", {"HostConfig__Privileged": True}, "api is privileged"),
    ("containers.security", "api", {"HostConfig__SecurityOpt": None}, "api can gain privileges"),
    ("containers.security", "api", {"HostConfig__CapAdd": ["SYS_ADMIN"]}, "SYS_ADMIN"),
    ("containers.setup", "api", {"HostConfig__Memory": 0}, "api has no memory limit"),
    ("containers.setup", "api", {"HostConfig__LogConfig": LOG}, "api keeps its log for ever"),
    ("containers.setup", "api", {"Config__Healthcheck": {"Test": ["CMD", "curl", "-f", "x"]}}, "`curl`"),
    ("containers.setup", "postgres", {"Mounts": []}, "/var/lib/postgresql"),
    ("containers.setup", "airflow-triggerer", {"Mounts": []}, "does not share /opt/airflow/logs"),
    ("containers.setup", "mlflow", {"Config__Env": PROXY}, "asks its proxy for postgres, mlflow, airflow-apiserver"),
]


def found(*containers: dict[str, Any], uid: str = "1000") -> dict[str, Finding]:
    told = findings(containers, {"AIRFLOW_UID": uid}, start="make up", logs="docker compose logs SERVICE")
    return {each.id: each for each in told}


def wrong(all_of_them: dict[str, Finding]) -> set[str]:
    return {name for name, each in all_of_them.items() if each.severity is not Severity.OK}


def test_containers_as_they_should_be_are_all_green() -> None:
    ended = container("migrate", State__Running=False, State__Status="exited")
    assert wrong(found(container("postgres"), container("airflow-scheduler"), container("api"), ended)) == set()


@pytest.mark.parametrize(("finding_id", "service", "changes", "words"), DEFECTS)
def test_each_defect_is_named_under_its_id_alone(
    finding_id: str, service: str, changes: dict[str, Any], words: str
) -> None:
    told = found(container("postgres"), container(service, **changes))
    assert wrong(told) == {finding_id}
    assert words in told[finding_id].detail
    assert told[finding_id].remedy


def test_an_unset_user_id_is_a_warning() -> None:
    assert wrong(found(container("api"), uid="")) == {"containers.uid"}


def test_a_port_published_without_an_address_is_open_to_all() -> None:
    bindings = {"8080/tcp": [{"HostIp": "", "HostPort": "8080"}], "9/tcp": None}
    finding = loopback_finding(published([container("api", HostConfig__PortBindings=bindings)]), restart="make up")
    assert (finding.severity, "8080 listens on 0.0.0.0" in finding.detail) == (Severity.WARNING, True)
    assert loopback_finding(published([container("api")]), restart="make up").severity is Severity.OK


def test_a_port_that_the_settings_open_to_workers_elsewhere_is_no_fault_and_is_said() -> None:
    bindings = {"6379/tcp": [{"HostIp": "10.0.0.5", "HostPort": "6379"}]}
    opened = published([container("redis", HostConfig__PortBindings=bindings)])
    finding = loopback_finding(opened, opened="10.0.0.5", restart="make up")
    assert (finding.severity, "who reaches 10.0.0.5" in finding.detail) == (Severity.OK, True)
    assert loopback_finding(opened, opened="10.0.0.6", restart="make up").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("engine", "compose", "severity"),
    [
        ("20.10.24+dfsg1", "2.26.1-4", Severity.OK),
        ("28.2.2", "v2.40.0", Severity.OK),
        ("19.03.15", "2.26.1", Severity.FAULT),
        ("24.0.7", "1.29.2", Severity.FAULT),
    ],
)
def test_an_old_engine_or_compose_is_a_fault(engine: str, compose: str, severity: Severity) -> None:
    assert engine_finding(engine, compose).severity is severity


def test_memory_near_its_limit_and_a_root_process_are_warnings() -> None:
    assert usage_finding({"api": 0.5, "mlflow": 0.95}).detail == "mlflow uses 95% of its limit"
    assert usage_finding({"api": 0.5}).detail == "at most 50% of a limit (api)"
    assert root_finding({"api": ["sleep 1"], "mlflow": []}, restart="make up").detail == "api runs 1 processes as root"
