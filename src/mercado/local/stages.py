"""The stages of a demo: what each does, and what a person learns from it."""

from typing import Final, NamedTuple

INGESTION: Final = "bitcoin_data_ingestion"
TRAINING: Final = "bitcoin_training_pipeline"
LANDING: Final = "file_ingestion_from_excel"
SIPSA: Final = "dane_sipsa_prices_ingestion"
MONITORING: Final = "prediction_monitoring"
MAINTENANCE: Final = "platform_maintenance"
DAGS: Final = frozenset({SIPSA, LANDING, INGESTION, TRAINING, MONITORING, MAINTENANCE})
WORKBOOKS: Final = 6


class StageText(NamedTuple):
    """What is told of a stage before it begins.

    Attributes:
        title: What it does, in a few words.
        shows: What a person learns from it, in a line.
        dag_id: The DAG that does it, if one does.
    """

    title: str
    shows: str
    dag_id: str = ""


START: Final = StageText(
    "The platform starts",
    "one command for the database, MLflow, Airflow, the API, and simulators of both sources",
)
FOOD_PRICES: Final = StageText(
    "Food prices of DANE's web service",
    "six operations, fetched and checked row by row, merged so that a repeated load changes nothing",
    SIPSA,
)
DROPPED_WORKBOOKS: Final = StageText(
    f"{WORKBOOKS} workbooks dropped into the landing folder",
    "files start the DAG by themselves; each is recognised, loaded and archived, and what is left out has a reason",
    LANDING,
)
CANDLES: Final = StageText(
    "Two years of hourly Bitcoin candles",
    "a download that resumes, with every gap in a ledger; new candles start the training",
    INGESTION,
)
MODEL: Final = StageText(
    "A model is trained and judged",
    "features with a proof that none reads the future, a study, and a gate that only a better model passes",
    TRAINING,
)
FORECAST: Final = StageText(
    "The API serves the champion",
    "a forecast with its interval, and beside it how the model did on candles that nothing was tuned on",
)
WATCHING: Final = StageText(
    "The forecasts are watched",
    "what came true, whether the input drifts, and whether to train again",
    MONITORING,
)
KEEPING: Final = StageText(
    "A backup, and what is old is removed",
    "a backup that can be restored, made while everything runs",
    MAINTENANCE,
)
STAGE_COUNT: Final = 8
