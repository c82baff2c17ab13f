"""The API follows the alias of a real MLflow registry: a good champion is swapped in, a damaged one is not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mercado.bitcoin.golden import FILE_NAME
from mercado.errors import ModelNotReadyError, ServiceRefusedError
from mercado.registry import ModelVersion, Registry
from tests.api.builders import NOW, column_body, train_forecaster
from tests.api.client import TestClient
from tests.integration import served_models
from tests.integration.served_models import stored_file
from tests.integration.trainings import empty_registry, running_api, wait_until
from tests.mlflow_server import MlflowServer

MODEL = "followed-forecaster"


@pytest.fixture
def registry(mlflow_server: MlflowServer) -> Registry:
    empty_registry(mlflow_server.uri, MODEL)
    return Registry(mlflow_server.uri, MODEL)


@pytest.fixture
def client(registry: Registry, mlflow_server: MlflowServer) -> Iterator[TestClient]:
    with running_api(mlflow_server.uri, model=MODEL, now=NOW) as client:
        yield client


def register(server: MlflowServer, folder: Path, *, seed: int) -> ModelVersion:
    return served_models.register(server.uri, MODEL, train_forecaster(seed=seed), folder)


def cut_in_half(server: MlflowServer, version: ModelVersion) -> None:
    booster = stored_file(server, version, "direction.ubj")
    content = booster.read_bytes()
    booster.write_bytes(content[: len(content) // 2])


def served(client: TestClient) -> int | None:
    answer = client.get("/health/ready")
    return int(answer.json()["model"]["version"]) if answer.status_code == 200 else None


def failed(client: TestClient) -> int | None:
    failure = client.get("/model").json()["pending_failure"]
    return failure and int(failure["version"])


def probability_up(client: TestClient) -> float:
    answer = client.post("/predict", json=column_body())
    assert answer.status_code == 200, answer.text
    return float(answer.json()["probability_up"])


def test_a_good_champion_is_followed_and_a_damaged_one_leaves_the_old_one_answering(
    registry: Registry, client: TestClient, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    first, damaged, good = (register(mlflow_server, tmp_path / str(seed), seed=seed) for seed in (1, 2, 3))
    cut_in_half(mlflow_server, damaged)
    registry.promote(first.version)
    wait_until(lambda: served(client) == first.version)
    before = probability_up(client)

    registry.promote(damaged.version)
    wait_until(lambda: client.get("/model").json()["pending_failure"] is not None)
    failure = client.get("/model").json()["pending_failure"]
    assert failure["version"] == damaged.version
    assert "direction.ubj is damaged" in failure["reason"]
    assert (served(client), probability_up(client)) == (first.version, before)

    registry.promote(good.version)
    wait_until(lambda: served(client) == good.version)
    assert client.get("/model").json()["pending_failure"] is None
    assert probability_up(client) != before


def test_a_champion_whose_golden_vectors_do_not_come_out_again_is_never_served(
    registry: Registry, client: TestClient, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    first, wrong, without = (register(mlflow_server, tmp_path / str(seed), seed=seed) for seed in (1, 2, 3))
    vectors = stored_file(mlflow_server, wrong, FILE_NAME)
    content = json.loads(vectors.read_text())
    content["vectors"][-1]["forecast"]["probability_up"] += 1e-4
    vectors.write_text(json.dumps(content))
    stored_file(mlflow_server, without, FILE_NAME).unlink()
    registry.promote(first.version)
    wait_until(lambda: served(client) == first.version)
    for version, reason in ((wrong, "probability_up of its golden vectors"), (without, "cannot be proved")):
        registry.promote(version.version)
        wait_until(lambda version=version: failed(client) == version.version)
        assert reason in client.get("/model").json()["pending_failure"]["reason"]
        assert reason in client.get("/health/ready").json()["pending_failure"]["reason"]
        assert served(client) == first.version


def test_a_damaged_first_champion_is_a_503_that_names_the_file(
    registry: Registry, client: TestClient, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    damaged = register(mlflow_server, tmp_path / "damaged", seed=1)
    cut_in_half(mlflow_server, damaged)
    registry.promote(damaged.version)
    wait_until(lambda: "direction.ubj is damaged" in client.get("/health/ready").text)
    answer = client.post("/predict", json=column_body())
    assert answer.status_code == 503
    assert f"version {damaged.version} cannot be loaded" in answer.json()["detail"]


def test_a_model_of_another_kind_is_refused_by_its_loader(
    registry: Registry, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    version = register(mlflow_server, tmp_path / "model", seed=1)
    card = stored_file(mlflow_server, version, "MLmodel")
    card.write_text(card.read_text().replace("mercado.bitcoin.forecaster", "somebody.elses.model"))
    with pytest.raises(ModelNotReadyError, match="is no forecaster"):
        registry.download(version, tmp_path / "fetched")


def test_a_version_that_is_not_there_cannot_be_promoted(
    registry: Registry, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotReadyError, match="followed-forecaster has no version 1: `mercado model list`"):
        registry.promote(1)
    register(mlflow_server, tmp_path / "model", seed=1)
    with pytest.raises(ModelNotReadyError, match="followed-forecaster has no version 2"):
        registry.promote(2)
    assert registry.champion() is None


def test_an_address_that_is_no_server_is_named() -> None:
    with pytest.raises(ServiceRefusedError, match=r"^MLflow at ftp://nowhere refuses: .*unsupported URI"):
        Registry("ftp://nowhere")
