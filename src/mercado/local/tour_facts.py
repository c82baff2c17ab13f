"""What a tour points at: real ids, names and files of the demo that runs now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import mlflow
import requests

from mercado.errors import ServiceUnavailableError
from mercado.local.access import ask_api, log_in
from mercado.local.platform import Platform
from mercado.local.programs import mlflow_url
from mercado.registry import VERDICT_TAG, Registry
from mercado.tracking import mlflow_errors

# Enough to find the one that the most markets have.
PRODUCTS_ASKED = 1000
ARCHIVE = "/archive/data/spot/monthly/"


@dataclass(frozen=True)
class Training:
    """A training that registered a version.

    Attributes:
        version: The version's number.
        verdict: What the gate said.
        run_id: Its run in MLflow.
        experiment_id: That run's experiment.
    """

    version: int
    verdict: str
    run_id: str
    experiment_id: str


@dataclass(frozen=True)
class Product:
    """A product that many markets have.

    Attributes:
        name: As the platform writes it.
        market_count: In how many markets and cities it has a price.
    """

    name: str
    market_count: int


@dataclass(frozen=True)
class RawAnswer:
    """An answer of the exchange that candles of a prediction came in.

    Attributes:
        url: Where it can be asked for again, from this machine.
        sha256: Of its bytes when it was loaded.
    """

    url: str
    sha256: str


@dataclass(frozen=True)
class TourFacts:
    """What a tour points at.

    Attributes:
        platform: The demo.
        prediction: What ``GET /predict`` answers.
        product: The product that the most markets have.
        trainings: Newest first.
        workbook: A daily workbook in the archive.
        rejected: A cell that was left out, and why; empty when there is none.
        answer: A file of the exchange's archive that the prediction's candles came in, if they came in one.
    """

    platform: Platform
    prediction: dict[str, Any]
    product: Product
    trainings: list[Training]
    workbook: Path
    rejected: str
    answer: RawAnswer | None


def collect(platform: Platform) -> TourFacts:
    """Return what is to be seen in a running demo.

    Raises:
        ServiceUnavailableError: A service does not answer, or the demo did not get as far as a forecast.
    """
    log_in(platform)
    products = _ask(platform, f"/products?limit={PRODUCTS_ASKED}")["items"]
    archived = sorted((platform.data / "archive").rglob("*Diario*"))
    if not products or not archived:
        raise ServiceUnavailableError("The demo was not run to its end: `make demo` goes on with it.")
    widest = max(products, key=lambda product: (product["market_count"], product["product"]))
    rejected = _ask(platform, "/quality/rejected-rows?source=landing&limit=1")["items"]
    prediction = _ask(platform, "/predict")
    return TourFacts(
        platform,
        prediction,
        Product(widest["product"], widest["market_count"]),
        _trainings(platform),
        archived[-1],
        f"{rejected[0]['raw_text']} in {rejected[0]['place']}: {rejected[0]['rule']}" if rejected else "",
        _newest_archive(platform, prediction["prediction_id"]),
    )


def _newest_archive(platform: Platform, prediction_id: str) -> RawAnswer | None:
    """Return the newest archive that a prediction's passport names; what the exchange says of today may change."""
    loads = _ask(platform, f"/predictions/{prediction_id}")["candles"]["loads"]
    answers = [answer for load in loads for answer in load["answers"] if ARCHIVE in answer["url"]]
    if not answers:
        return None
    newest = max(answers, key=lambda answer: str(answer["url"]))
    # In containers the simulators have a name of their own.
    here = urlsplit(newest["url"])._replace(netloc=f"localhost:{platform.ports.simulators}")
    return RawAnswer(urlunsplit(here), newest["sha256"])


def _trainings(platform: Platform) -> list[Training]:
    uri = mlflow_url(platform)
    versions = Registry(uri, platform.values["MERCADO_API_MODEL"]).versions()
    with mlflow_errors(uri):
        client = mlflow.MlflowClient(uri)
        return [
            Training(
                version.version,
                version.tags.get(VERDICT_TAG, "not judged"),
                version.run_id,
                client.get_run(version.run_id).info.experiment_id,
            )
            for version in versions
        ]


def _ask(platform: Platform, path: str) -> dict[str, Any]:
    try:
        answer = ask_api(platform, path)
    except requests.RequestException as error:
        raise ServiceUnavailableError(f"The demo's API does not answer ({error}): see `make demo-status`.") from error
    if not answer.ok:
        raise ServiceUnavailableError(
            f"GET {path} answered {answer.status_code}: {answer.text}. If the demo has not run to its end, `make demo` "
            f"goes on with it."
        )
    found: dict[str, Any] = answer.json()
    return found
