"""The READMEs' table of DAGs, made from the DAGs themselves; what each does is stated here for the Spanish one.

``python -m tests.dags.dag_table`` writes it between its two marks in each README; a test compares.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
ENGLISH, SPANISH = ROOT / "README.md", ROOT / "README.es.md"
READMES = (ENGLISH, SPANISH)
HEADS = {ENGLISH: "| DAG | starts | does | Params |", SPANISH: "| DAG | empieza | hace | Params |"}
IN_SPANISH = {
    "bitcoin_data_ingestion": "Velas de Binance a `market_data.klines` y a un archivo CSV",
    "bitcoin_training_pipeline": "De las velas guardadas a un modelo de pronóstico servido",
    "dane_sipsa_prices_ingestion": "Precios mayoristas de alimentos del servicio web SIPSA del DANE a `sipsa_data`",
    "file_ingestion_from_excel": "Libros de precios del DANE de la carpeta `data/landing_zone` a `sipsa_data`",
    "platform_maintenance": "Una copia de seguridad, y se quita lo viejo",
    "prediction_monitoring": "¿Sigue siendo bueno el modelo servido, y se parece su entrada a la del entrenamiento?",
}
START, END = "<!-- dags: make readme -->", "<!-- end of dags -->"


def dag_table(dags: Mapping[str, Any], readme: Path) -> str:
    """Return a README's table in Markdown, a row per DAG: id, what starts it, what it does, its Params."""
    rows = [
        f"| `{dag_id}` | {_starts(dag, readme)} | {_does(dag_id, dag, readme)} | "
        f"{', '.join(f'`{name}`' for name in dag.params)} |"
        for dag_id, dag in sorted(dags.items())
    ]
    return "\n".join([HEADS[readme], "|---|---|---|---|", *rows])


def table_in(readme: Path) -> str:
    """Return the table that stands between the marks."""
    return readme.read_text(encoding="utf-8").split(START)[1].split(END)[0].strip()


def write_table(readme: Path, table: str) -> None:
    """Put the table between the marks."""
    before, rest = readme.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


def awaited_assets(dag: Any) -> list[Any]:
    """Return the assets that start a DAG: one by itself, or several that are joined."""
    condition = getattr(dag.timetable, "asset_condition", None)
    return list(getattr(condition, "objects", [condition])) if condition else []


def _starts(dag: Any, readme: Path) -> str:
    timetable = dag.timetable
    if hasattr(timetable, "expression"):
        return f"`{timetable.expression}` {timetable.timezone}"
    word, joined = ("asset", " and ") if readme == ENGLISH else ("activo", " y ")
    return joined.join(f"{word} `{asset.name}`" for asset in awaited_assets(dag))


def _does(dag_id: str, dag: Any, readme: Path) -> str:
    title = str(dag.doc_md).splitlines()[0].lstrip("# ")
    return IN_SPANISH.get(dag_id, title) if readme == SPANISH else title


def _parse_dags() -> dict[str, Any]:
    """Return every DAG by its id, parsed with an empty home of Airflow's own."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["AIRFLOW_HOME"] = home
        os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
        os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{home}/unused.db"
        from airflow.dag_processing.dagbag import DagBag

        return dict(DagBag(dag_folder=str(ROOT / "airflow" / "dags")).dags)


if __name__ == "__main__":
    parsed = _parse_dags()
    for file in READMES:
        write_table(file, dag_table(parsed, file))
