"""What a container may do on its machine and in its networks: no more than its service needs."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mercado.environment import AUTH_SECRETS, BROKER_PASSWORD, REQUIRED_SECRETS
from tests.demo import Demo
from tests.docker.memory import KEPT_UP
from tests.docker_engine import containers, service

pytestmark = pytest.mark.timeout(900)
IMAGES = ("mercado-airflow", "mercado-mlflow", "mercado-api", "mercado-simulators")
NOTHING = "0000000000000000"
OUTSIDE = ("1.1.1.1", 443)
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=4)
except OSError as error:
    sys.exit(str(error))
"""


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def secrets(demo: Demo) -> dict[str, str]:
    return {name: demo.platform.values[name] for name in (*REQUIRED_SECRETS, BROKER_PASSWORD, *AUTH_SECRETS)}


def by_service(demo: Demo) -> dict[str, dict[str, Any]]:
    return {service(container): container for container in containers(demo)}


def test_no_container_was_given_a_privilege(demo: Demo) -> None:
    for name, container in by_service(demo).items():
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert 0 < host["PidsLimit"] <= 512, name
        assert not host["Privileged"], name
        assert container["Config"]["User"].split(":")[0] not in ("", "0", "root"), name


@pytest.mark.parametrize("name", sorted(KEPT_UP))
def test_its_processes_have_none_and_cannot_write_where_they_run(demo: Demo, name: str) -> None:
    container = by_service(demo)[name]["Id"]
    status = dict(
        line.split(":\t", 1) for line in run("docker", "exec", container, "cat", "/proc/1/status").stdout.splitlines()
    )
    assert (status["CapEff"], status["CapPrm"], status["CapBnd"], status["NoNewPrivs"]) == (*[NOTHING] * 3, "1")
    assert "0" not in status["Uid"].split()
    for folder in ("/", "/opt", "/usr/local/bin", "/etc"):
        written = run("docker", "exec", container, "touch", f"{folder}/mine")
        assert "Read-only file system" in written.stderr, (name, folder)


def test_postgresql_is_reached_by_its_clients_alone_and_reaches_nobody(demo: Demo) -> None:
    services = by_service(demo)
    networks = {
        name: {network.rpartition("_")[2] for network in container["NetworkSettings"]["Networks"]}
        for name, container in services.items()
    }
    assert networks["postgres"] == {"database", "loopback"}
    assert networks["simulators"] == {"default"}
    assert {name for name, joined in networks.items() if "loopback" in joined} == {"postgres"}
    postgres = services["postgres"]["NetworkSettings"]["Networks"]
    addresses = {network.rpartition("_")[2]: joined["IPAddress"] for network, joined in postgres.items()}
    reached = {
        name: run("docker", "exec", services[name]["Id"], "python", "-c", CONNECT, host, "5432").returncode == 0
        for name, host in (("api", "postgres_db"), ("simulators", addresses["database"]))
    }
    assert reached == {"api": True, "simulators": False}
    dial = f"exec 3<>/dev/tcp/{OUTSIDE[0]}/{OUTSIDE[1]}"
    assert run("docker", "exec", services["postgres"]["Id"], "timeout", "4", "bash", "-c", dial).returncode != 0


def test_the_database_network_leads_nowhere_and_the_loopback_one_hides_nobody(demo: Demo) -> None:
    project = demo.options[demo.options.index("--project") + 1]
    found = {
        network: json.loads(run("docker", "network", "inspect", f"{project}_{network}").stdout)[0]
        for network in ("database", "loopback")
    }
    assert found["database"]["Internal"]
    assert found["loopback"]["Options"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}


def test_each_service_holds_the_secrets_that_it_needs_and_no_other(demo: Demo, held: dict[str, set[str]]) -> None:
    values = secrets(demo)
    for name, container in by_service(demo).items():
        environment = "\n".join(container["Config"]["Env"])
        assert {secret for secret, value in values.items() if value in environment} == held[name], name


def test_no_secret_stands_on_a_command_line_or_in_what_a_container_printed(demo: Demo, kept_up: set[str]) -> None:
    values = secrets(demo)
    for name, container in by_service(demo).items():
        printed = run("docker", "logs", container["Id"])
        shown = printed.stdout + printed.stderr + json.dumps([container["Path"], container["Args"]])
        if name in kept_up:
            shown += run("docker", "top", container["Id"], "-eo", "pid,args").stdout
        assert [secret for secret, value in values.items() if value in shown] == [], name


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_no_secret_and_no_settings_file(demo: Demo, image: str, tmp_path: Path) -> None:
    told = run("docker", "history", "--no-trunc", image).stdout + run("docker", "inspect", image).stdout
    assert [secret for secret, value in secrets(demo).items() if value in told] == []
    patterns = tmp_path / "patterns"
    patterns.write_text("\n".join(secrets(demo).values()))
    look = (
        "find / -xdev -name '.env*' -not -path '/proc/*'; "
        "grep --recursive --files-with-matches --fixed-strings --file=/patterns /opt/api /opt/airflow /opt/mlflow "
        "/opt/simulators /etc /tmp /var/lib/mlflow 2>/dev/null; true"
    )
    mounted = ("--volume", f"{patterns}:/patterns:ro", "--user", "0", "--entrypoint", "sh")
    found = run("docker", "run", "--rm", "--network", "none", *mounted, image, "-c", look)
    assert (found.returncode, found.stdout) == (0, "")
