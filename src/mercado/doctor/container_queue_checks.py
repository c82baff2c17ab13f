"""Workers that run Airflow's tasks, and Redis between them and the scheduler (docker-compose.celery.yml)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mercado.doctor import engine
from mercado.doctor.engine import Container
from mercado.doctor.findings import Finding, Severity, judged
from mercado.errors import ServiceUnavailableError

BROKER, WORKER = "redis", "airflow-worker"
QUEUES = ("ingest", "train")
# Under it stands how many workers listen: each, on whatever host, has one connection that subscribes to a pattern, for
# Celery's remote control. (There is no other without gossip, see docker-compose.celery.yml.)
LISTENING = "listening"
SUBSCRIBED = re.compile(r" psub=[1-9]")
# A worker that just starts is no fault of its queue's; more than this waits for want of workers.
MOST_WAITING = 20
MOST_MEMORY_SHARE = 0.8


def check(found: Sequence[Container], *, start: str, logs: str) -> Iterator[Finding]:
    """Yield what is found of Redis and the workers; nothing where the scheduler runs the tasks.

    Args:
        found: The platform's containers.
        start: The command that starts what does not run.
        logs: How a person reads a service's log.
    """
    brokers = [each for each in engine.running(found) if engine.service(each) == BROKER]
    workers = [each for each in found if engine.service(each) == WORKER]
    if not brokers and not workers:
        return
    try:
        said = {} if not brokers else _ask(brokers[0])
        trouble = "" if brokers else "Redis does not run"
    except ServiceUnavailableError as error:
        said, trouble = {}, str(error)
    yield broker_finding(said, trouble, remedy=f"{start}; {logs}")
    if said:
        running = len(engine.running(workers))
        yield workers_finding(said, running, remedy=f"{start}; {logs}")
        yield queues_finding(said, remedy=f"More workers, SCALE={running + 1}; or fewer trainings at once")


def _ask(broker: Container) -> dict[str, str]:
    """Return Redis's state: its own ``info``, how many messages wait in each queue, how many workers listen."""
    ask = ("exec", broker["Id"], "redis-cli", "-e")
    lines = engine.ask(*ask, "info").splitlines()
    said = dict(line.split(":", 1) for line in lines if ":" in line)
    said |= {queue: engine.ask(*ask, "llen", queue).strip() for queue in QUEUES}
    return said | {LISTENING: str(len(SUBSCRIBED.findall(engine.ask(*ask, "client", "list"))))}


def broker_finding(said: Mapping[str, str], trouble: str, *, remedy: str) -> Finding:
    """Return whether Redis answers, keeps what it is given, and has memory left.

    Args:
        said: Redis's ``info``; empty when it does not answer.
        trouble: Why it does not.
        remedy: What to do.
    """
    problems = [trouble] if trouble else []
    if said and said["aof_last_write_status"] != "ok":
        problems.append("cannot write to its volume: a queued task would be lost at its restart")
    if said and int(said["used_memory"]) > MOST_MEMORY_SHARE * int(said["maxmemory"]):
        problems.append(f"uses {said['used_memory_human']} of {said['maxmemory_human']}")
    healthy = f"answers, {said['used_memory_human']} in use" if said else ""
    return judged("containers.broker", "Redis", problems, healthy=healthy, remedy=remedy)


def workers_finding(said: Mapping[str, str], running: int, *, remedy: str) -> Finding:
    """Return whether every worker's container listens for tasks, and there is at least one worker.

    Args:
        said: Under `LISTENING` how many listen, on whatever host.
        running: Containers of workers on this host that run.
        remedy: What to do.
    """
    listening = int(said[LISTENING])
    problems = []
    if not listening:
        problems.append("none listens for tasks, so none is run")
    elif listening < running:
        problems.append(f"{running} containers run, and {listening} listen for tasks")
    return judged("containers.workers", "workers", problems, healthy=f"{listening} listen for tasks", remedy=remedy)


def queues_finding(said: Mapping[str, str], *, remedy: str, most: int = MOST_WAITING) -> Finding:
    """Return whether the workers keep up.

    Args:
        said: By queue how many tasks wait in it.
        remedy: What to do.
        most: Tasks in one queue above which they do not.
    """
    waiting = {queue: int(said[queue]) for queue in QUEUES}
    problems = [f"{count} tasks wait in {queue}" for queue, count in waiting.items() if count > most]
    healthy = ", ".join(f"{count} tasks wait in {queue}" for queue, count in waiting.items())
    return judged("containers.queues", "queues", problems, healthy=healthy, remedy=remedy, severity=Severity.WARNING)
