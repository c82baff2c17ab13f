"""The form that starts a DAG explains itself, shows fitting fields, and refuses what cannot be."""

from typing import Any

import pytest


def every_param(dags: dict[str, Any]) -> list[tuple[str, str, Any]]:
    return [(dag.dag_id, name, dag.params.get_param(name)) for dag in dags.values() for name in dag.params]


def test_every_param_has_a_title_a_sentence_and_a_type(dags: dict[str, Any]) -> None:
    found = every_param(dags)
    assert len(found) > 15
    for dag_id, name, param in found:
        assert param.schema.get("title", name) != name, f"{dag_id}.{name}"
        assert param.schema["title"][0].isupper(), f"{dag_id}.{name}"
        assert param.description.endswith("."), f"{dag_id}.{name}"
        assert param.schema["type"], f"{dag_id}.{name}"


def test_a_param_that_may_stay_empty_says_what_empty_means(dags: dict[str, Any]) -> None:
    optional = [(dag_id, name, param) for dag_id, name, param in every_param(dags) if "null" in param.schema["type"]]
    assert len(optional) > 8
    # Without a list to load again there is nothing to load again.
    silent = {name for _, name, param in optional if "Empty: " not in param.description}
    assert silent == {"replay"}


def test_every_default_is_allowed(dags: dict[str, Any]) -> None:
    for _, _, param in every_param(dags):
        param.resolve()


@pytest.mark.parametrize(
    ("dag_id", "name", "wrong"),
    [
        ("bitcoin_data_ingestion", "symbol", "btc-usdt"),
        ("bitcoin_data_ingestion", "interval", "1 hour"),
        ("bitcoin_data_ingestion", "start", "yesterday"),
        ("bitcoin_data_ingestion", "start", "2026-13-01T00:00"),
        ("bitcoin_training_pipeline", "approval", "yes"),
        ("bitcoin_training_pipeline", "study", ""),
        ("dane_sipsa_prices_ingestion", "since", "2026-02-30"),
        ("dane_sipsa_prices_ingestion", "since", "01/02/2026"),
        ("dane_sipsa_prices_ingestion", "operations", []),
        ("dane_sipsa_prices_ingestion", "operations", ["promedios"]),
        ("file_ingestion_from_excel", "files", ["/etc/passwd"]),
        ("file_ingestion_from_excel", "files", ["a/../../secret.xls"]),
        ("file_ingestion_from_excel", "replay", ["annex.xls"]),
        ("prediction_monitoring", "windows_days", [0]),
        ("prediction_monitoring", "windows_days", []),
    ],
)
def test_a_wrong_value_is_refused_in_the_form(dags: dict[str, Any], dag_id: str, name: str, wrong: object) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dags[dag_id].params.get_param(name).resolve(wrong)


@pytest.mark.parametrize(
    ("dag_id", "name", "right"),
    [
        ("bitcoin_data_ingestion", "start", "2026-01-31"),
        ("bitcoin_data_ingestion", "start", "2026-01-31T10:00:00.000+00:00"),  # as the form writes it
        ("bitcoin_data_ingestion", "start", "2026-01-31T10:00Z"),
        ("dane_sipsa_prices_ingestion", "since", "2026-02-28"),
        ("dane_sipsa_prices_ingestion", "operations", ["promediosSipsaCiudad"]),
        ("file_ingestion_from_excel", "files", ["sub/b.xls", "Anexo ñ.XLSX", ""]),  # the last line may be empty
        ("file_ingestion_from_excel", "replay", ["5494f7c5", "quarantine/2026/annex.xls", ""]),
    ],
)
def test_a_right_value_is_taken(dags: dict[str, Any], dag_id: str, name: str, right: object) -> None:
    assert dags[dag_id].params.get_param(name).resolve(right) == right


def test_operations_are_a_list_to_choose_from_with_the_table_of_each(dags: dict[str, Any]) -> None:
    from mercado.sipsa.contract import OPERATIONS

    schema = dags["dane_sipsa_prices_ingestion"].params.get_param("operations").schema
    assert schema["examples"] == schema["items"]["enum"] == [operation.name for operation in OPERATIONS]
    assert all(operation.table in schema["values_display"][operation.name] for operation in OPERATIONS)
