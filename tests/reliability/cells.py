"""The table of faults: what is done, during which DAG; each service is killed and stopped, each DAG disturbed twice."""

from dataclasses import dataclass

from mercado.local.stages import INGESTION, SIPSA
from tests.reliability.drills import Backup, Candles, Drill, Landing, Monitoring, Sipsa, Training
from tests.reliability.faults import AtOnce, Cut, DiskFull, Fault, Frozen, Killed, Stopped

MINUTE = 60.0
LARGEST_TABLE = 30
SCHEDULER, API_SERVER = "airflow-scheduler", "airflow-apiserver"
PROCESSOR, TRIGGERER = "airflow-dag-processor", "airflow-triggerer"


@dataclass(frozen=True)
class Cell:
    """One fault during one DAG.

    Attributes:
        fault: What is done.
        drill: The DAG, and the task during which it is done.
        fails: Whether the run is bound to fail, and a later one has to make up for it.
    """

    fault: Fault
    drill: Drill
    fails: bool = False

    @property
    def name(self) -> str:
        """Return what tells the cell from every other one."""
        return f"{self.fault.name} | {self.drill.dag_id}"


CELLS = (
    Cell(Killed("postgres"), Sipsa()),
    Cell(Stopped("postgres", MINUTE), Candles()),
    Cell(Frozen("postgres", MINUTE), Sipsa()),
    Cell(Killed(SCHEDULER), Sipsa()),
    Cell(Stopped(SCHEDULER, MINUTE), Landing()),
    Cell(Frozen(SCHEDULER, MINUTE), Training()),
    Cell(Killed(API_SERVER), Training()),
    Cell(Stopped(API_SERVER, MINUTE), Candles()),
    Cell(Killed(PROCESSOR), Landing()),
    Cell(Stopped(PROCESSOR, MINUTE), Sipsa()),
    Cell(Killed(TRIGGERER), Landing(strikes_at="")),
    Cell(Stopped(TRIGGERER, MINUTE), Landing(strikes_at="")),
    Cell(Killed("mlflow"), Training()),
    Cell(Stopped("mlflow", MINUTE), Training(strikes_at="register")),
    Cell(Killed("api"), Monitoring()),
    Cell(Stopped("api", MINUTE), Training(strikes_at="register")),
    Cell(Killed("simulators"), Sipsa()),
    Cell(Stopped("simulators", MINUTE), Candles()),
    Cell(Cut(SCHEDULER, "postgres", MINUTE), Sipsa()),
    Cell(Cut(SCHEDULER, "simulators", MINUTE), Candles()),
    Cell(Cut(SCHEDULER, "mlflow", MINUTE), Training(strikes_at="register")),
    Cell(Cut("api", "postgres", MINUTE), Monitoring()),
    Cell(DiskFull(), Sipsa(strikes_at=""), fails=True),
    Cell(AtOnce(SIPSA, ("mercado", "sipsa", "ingest", "--since", "2023-01-01")), Sipsa()),
    Cell(AtOnce(INGESTION, ("mercado", "bitcoin", "download")), Candles()),
    Cell(Killed("postgres"), Backup()),
    Cell(Killed(SCHEDULER), Backup()),
)

# Why a cell is red and stays so; whoever mends it strikes it out.
EXPLAINED: dict[str, str] = {}
