"""What is wrong with one container, from what ``docker inspect`` says of it; each rule yields a phrase per problem."""

from collections.abc import Iterator

from mercado.doctor.engine import Container, environment, service

ONE_SHOTS = ("databases", "migrate", "airflow-init")
POSTGRES_MOUNT = "/var/lib/postgresql"
AIRFLOW_LOGS = "/opt/airflow/logs"
# What a client inside the network calls; a proxy knows none of them.
NAMES = ("postgres", "mlflow", "airflow-apiserver")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
SLOW_CHECKS = ("curl", "airflow jobs check")


def health_problems(container: Container) -> Iterator[str]:
    """Yield what is wrong with a container's state."""
    state = container["State"]
    if state.get("OOMKilled"):
        yield "was killed for want of memory: raise its mem_limit"
    if service(container) in ONE_SHOTS:
        if not state["Running"] and state["ExitCode"] != 0:
            yield f"ended with {state['ExitCode']}"
        return
    if state.get("Paused"):
        yield "is paused"
    elif not state["Running"]:
        yield f"is {state['Status']} ({state['ExitCode']})"
    elif (health := state.get("Health", {}).get("Status", "without a health check")) != "healthy":
        yield f"is {health}"


def security_problems(container: Container) -> Iterator[str]:
    """Yield what a container may do though it need not."""
    host = container["HostConfig"]
    if host.get("Privileged"):
        yield "is privileged"
    if not any(option.startswith("no-new-privileges") for option in host.get("SecurityOpt") or []):
        yield "can gain privileges (no-new-privileges is not set)"
    if added := host.get("CapAdd"):
        yield f"has the capabilities {', '.join(added)}"
    if any(mount.get("Source", "").endswith("docker.sock") for mount in container["Mounts"]):
        yield "can command the Docker engine"


def setup_problems(container: Container) -> Iterator[str]:
    """Yield what a container lacks, or has in a way that breaks sooner or later."""
    host = container["HostConfig"]
    if not host.get("Memory"):
        yield "has no memory limit"
    log = host["LogConfig"]
    if log["Type"] == "json-file" and "max-size" not in (log.get("Config") or {}):
        yield "keeps its log for ever (no max-size)"
    test = " ".join((container["Config"].get("Healthcheck") or {}).get("Test") or [])
    yield from (f"is checked with `{slow}`" for slow in SLOW_CHECKS if slow in test)
    yield from _mount_problems(container)
    yield from _proxy_problems(container)


def _mount_problems(container: Container) -> Iterator[str]:
    name, places = service(container), {mount["Destination"] for mount in container["Mounts"]}
    if name == "postgres" and POSTGRES_MOUNT not in places:
        yield f"keeps its data outside a volume: postgres:18 wants one at {POSTGRES_MOUNT}"
    airflow = name.startswith("airflow-") and name not in ONE_SHOTS
    if airflow and AIRFLOW_LOGS not in places:
        yield f"does not share {AIRFLOW_LOGS}: its logs cannot be read in the UI"


def _proxy_problems(container: Container) -> Iterator[str]:
    variables = environment(container)
    if not any(variables.get(name) for name in PROXIES):
        return
    exempt = (variables.get("NO_PROXY") or variables.get("no_proxy") or "").split(",")
    if missing := [name for name in NAMES if name not in exempt]:
        yield f"asks its proxy for {', '.join(missing)} (NO_PROXY)"
