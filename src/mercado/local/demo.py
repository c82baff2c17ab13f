"""The demo: the whole platform on simulated sources, driven through Airflow to a served prediction."""

import time

from mercado.errors import MercadoError, ServiceUnavailableError
from mercado.local.access import log_in
from mercado.local.airflow_api import AirflowApi
from mercado.local.dag_runs import DagRuns
from mercado.local.driving import READY_SECONDS, Driver, Runtime
from mercado.local.narration import Narrator
from mercado.local.places import airflow, page, readable
from mercado.local.report import closing_lines
from mercado.local.stages import DAGS, START
from mercado.local.waiting import wait_until

GREETING = "Mercado's demo. Every price in it is SIMULATED: nothing here says anything about the real market."


def run(runtime: Runtime, narrator: Narrator) -> None:
    """Start the demo, run its DAGs, and tell what each stage shows, what came of it and where to look.

    Raises:
        ServiceUnavailableError: A service or a DAG failed; names it and where its log is.
        ModelNotReadyError: No model was promoted; says why.
    """
    started = time.monotonic()
    narrator.say(GREETING)
    driver = _start(runtime, narrator)
    try:
        driver.run_all()
    except MercadoError:
        narrator.summarise()
        options = runtime.make_options
        narrator.say(f"The services stay up: `make demo{options}` goes on, `make demo-down{options}` stops them.")
        raise
    narrator.summarise()
    for line in closing_lines(runtime.platform, make_options=runtime.make_options, seconds=time.monotonic() - started):
        narrator.say(line)


def _start(runtime: Runtime, narrator: Narrator) -> Driver:
    platform = runtime.platform
    with narrator.stage(START) as stage:
        runtime.up(narrator.say)
        log_in(platform)
        session = AirflowApi(
            f"http://127.0.0.1:{platform.ports.airflow}",
            user=platform.values["AIRFLOW_ADMIN_USER"],
            password=platform.values["AIRFLOW_ADMIN_PASSWORD"],
        )
        _wait_for_dags(session)
        if errors := session.import_errors():
            raise ServiceUnavailableError(f"A DAG file cannot be imported: {errors}")
        stage.result = f"{runtime.description}: every service is healthy, Airflow has its {len(DAGS)} DAGs"
        stage.where = f"{airflow(platform)}, {page(platform)}, logs in {readable(platform.logs)}"
    return Driver(runtime, narrator, DagRuns(session, platform, narrator))


def _wait_for_dags(session: AirflowApi) -> None:
    wait_until(
        lambda: set(session.dag_ids()) >= DAGS,
        seconds=READY_SECONDS,
        problem=lambda: f"Airflow does not list its DAGs; import errors: {session.import_errors()}",
    )
