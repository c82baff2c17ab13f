"""The model registry in MLflow: register a forecaster, move its aliases, fetch the one to serve.

A model version is immutable; the alias ``champion`` names the one that is served. Reading (alias, download) needs
neither pandas nor scikit-learn, so the API can do it with ``mlflow-skinny`` alone; only registering needs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import yaml
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST, ErrorCode

from mercado.errors import ModelNotReadyError
from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL
from mercado.tracking import mlflow_errors

FORECASTER_MODEL = "bitcoin-forecaster"
CHAMPION = "champion"
CHALLENGER = "challenger"
# When a version last became champion, by promotion or rollback, and when it was taken back since; UTC, ISO 8601.
CHAMPION_SINCE_TAG = "champion_since_utc"
ROLLED_BACK_TAG = "rolled_back_utc"
VERDICT_TAG = "verdict"
REASON_TAG = "verdict_reason"
CERTIFICATE_TAG = "leak_certificate"
CERTIFIED = "passed"
NOT_CERTIFIED = "failed"
PROMOTED = "promoted"
REJECTED = "rejected"
LOADER_MODULE = "mercado.bitcoin.forecaster"
SEARCH_PAGE = 1000


@dataclass(frozen=True)
class ModelVersion:
    """One registered version.

    Attributes:
        name: Name of the registered model.
        version: Its number, from 1.
        run_id: The MLflow run that trained it.
        created_at_ms: When it was registered, in ms since the epoch.
        aliases: Such as ``champion``.
        tags: Verdict, reasons and what else was noted.
    """

    name: str
    version: int
    run_id: str
    created_at_ms: int
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


def model_name(symbol: str, interval: str, horizon_bars: int = 1) -> str:
    """Return the name under which a forecaster is registered: each series and horizon has a champion of its own."""
    if (symbol, interval, horizon_bars) == (MAIN_SYMBOL, MAIN_INTERVAL, 1):
        return FORECASTER_MODEL
    ahead = f"-{horizon_bars}-ahead" if horizon_bars > 1 else ""
    return f"{FORECASTER_MODEL}-{symbol}-{interval}{ahead}"


class Registry:
    """The versions of one registered model.

    Every method raises `ServiceUnavailableError` when the tracking server does not answer, and
    `ServiceRefusedError` when it refuses.
    """

    def __init__(self, tracking_uri: str, name: str = FORECASTER_MODEL) -> None:
        self._uri = tracking_uri
        self.name = name
        with mlflow_errors(tracking_uri):
            self._client = mlflow.MlflowClient(tracking_uri)

    def champion(self) -> ModelVersion | None:
        """Return the version that the alias ``champion`` names, or ``None`` when there is none."""
        with mlflow_errors(self._uri):
            try:
                return _version(self._client.get_model_version_by_alias(self.name, CHAMPION))
            except MlflowException as error:
                if _absent(error):
                    return None
                raise

    def versions(self) -> list[ModelVersion]:
        """Return all versions, newest first, with their aliases."""
        found: list[ModelVersion] = []
        page = None
        with mlflow_errors(self._uri):
            while page is None or page.token:
                token = page.token if page else None
                page = self._client.search_model_versions(
                    f"name='{self.name}'", max_results=SEARCH_PAGE, page_token=token
                )
                found += map(_version, page)
            # A search carries no aliases; the model itself carries all of them.
            names = self._client.get_registered_model(self.name).aliases if found else {}
        aliases: dict[int, list[str]] = {}
        for alias, number in names.items():
            aliases.setdefault(int(number), []).append(alias)
        named = (replace(version, aliases=tuple(sorted(aliases.get(version.version, ())))) for version in found)
        return sorted(named, key=lambda version: -version.version)

    def version_of(self, run_id: str) -> ModelVersion | None:
        """Return the version that a run registered, the newest when there are several, or ``None``."""
        with mlflow_errors(self._uri):
            found = self._client.search_model_versions(f"name='{self.name}' and run_id='{run_id}'")
            return max(map(_version, found), key=lambda version: version.version, default=None)

    def why_no_champion(self) -> str:
        """Return one line that says why no version is served and what to do."""
        newest = self._newest()
        if newest is None:
            return f"No version of {self.name} was registered yet: run the DAG bitcoin_training_pipeline."
        if newest.tags.get(VERDICT_TAG) == PROMOTED:
            return (
                f"Version {newest.version} of {self.name} passed the gate, but nothing is champion: if no training is "
                f"just ending, run `mercado model promote {newest.version}`."
            )
        reason = newest.tags.get(REASON_TAG, "it has not been judged yet")
        return (
            f"No version of {self.name} is champion. The newest, version {newest.version}, was not promoted: {reason}"
        )

    def _newest(self) -> ModelVersion | None:
        """Return the newest version, without its aliases, by one request."""
        with mlflow_errors(self._uri):
            found = self._client.search_model_versions(
                f"name='{self.name}'", max_results=1, order_by=["version_number DESC"]
            )
        return _version(found[0]) if found else None

    def promote(self, version: int) -> None:
        """Make ``version`` the champion; if it was the challenger, there is none any more.

        Raises:
            ModelNotReadyError: There is no such version, or its features hold no leak certificate.
        """
        found = self._get(version)
        if found.tags.get(CERTIFICATE_TAG) != CERTIFIED:
            raise ModelNotReadyError(
                f"Version {version} of {self.name} holds no leak certificate: nothing proves that its features do not "
                f"read the future, so nobody may promote it. Train again."
            )
        self._crown(version)
        with mlflow_errors(self._uri):
            self._client.delete_model_version_tag(self.name, str(version), ROLLED_BACK_TAG)
            if CHALLENGER in found.aliases:
                self._client.delete_registered_model_alias(self.name, CHALLENGER)

    def challenge(self, version: int) -> None:
        """Give ``version`` the alias ``challenger``: the newest that is not champion."""
        with mlflow_errors(self._uri):
            self._client.set_registered_model_alias(self.name, CHALLENGER, str(version))

    def rollback(self) -> ModelVersion:
        """Make the version champion that was it before the present one, and return it; its reign begins anew.

        Raises:
            ModelNotReadyError: There is no champion, or none before it.
        """
        versions = self.versions()
        present = next((each for each in versions if CHAMPION in each.aliases), None)
        if present is None:
            raise ModelNotReadyError(self.why_no_champion())
        since = present.tags.get(CHAMPION_SINCE_TAG, _now())
        earlier = [
            each
            for each in versions
            if ROLLED_BACK_TAG not in each.tags and "" < each.tags.get(CHAMPION_SINCE_TAG, "") < since
        ]
        if not earlier:
            raise ModelNotReadyError(
                f"No version of {self.name} was champion before version {present.version}: `mercado model list` shows "
                f"all, and `mercado model promote` takes any."
            )
        previous = max(earlier, key=lambda each: each.tags[CHAMPION_SINCE_TAG])
        self.tag(present.version, {ROLLED_BACK_TAG: _now()})
        self._crown(previous.version)
        return previous

    def _get(self, version: int) -> ModelVersion:
        with mlflow_errors(self._uri):
            try:
                return _version(self._client.get_model_version(self.name, str(version)))
            except MlflowException as error:
                if _absent(error):
                    raise ModelNotReadyError(f"{self.name} has no version {version}: `mercado model list`.") from error
                raise

    def _crown(self, version: int) -> None:
        # The tag first: without it a champion could not be rolled back.
        self.tag(version, {CHAMPION_SINCE_TAG: _now()})
        with mlflow_errors(self._uri):
            self._client.set_registered_model_alias(self.name, CHAMPION, str(version))

    def metadata(self, version: ModelVersion) -> dict[str, Any]:
        """Return what `register` was given to keep with the model."""
        mlflow.set_tracking_uri(self._uri)
        with mlflow_errors(self._uri):
            return dict(mlflow.models.get_model_info(f"models:/{version.name}/{version.version}").metadata or {})

    def tag(self, version: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        with mlflow_errors(self._uri):
            for key, value in tags.items():
                self._client.set_model_version_tag(self.name, str(version), key, value)

    def describe(self, version: int, *, about_version: str, about_model: str) -> None:
        """Set what MLflow's UI shows about a version and about the model, in Markdown, where it shows nothing yet."""
        with mlflow_errors(self._uri):
            if not self._client.get_registered_model(self.name).description:
                self._client.update_registered_model(self.name, about_model)
            if not self._client.get_model_version(self.name, str(version)).description:
                self._client.update_model_version(self.name, str(version), about_version)

    def download(self, version: ModelVersion, folder: Path) -> Path:
        """Fetch a version into ``folder`` and return the folder of the forecaster's own files.

        Raises:
            ModelNotReadyError: The version is no forecaster of this platform.
        """
        mlflow.set_tracking_uri(self._uri)  # which MLflow takes for the registry too, whatever it is given below
        with mlflow_errors(self._uri):
            uri = f"models:/{version.name}/{version.version}"
            model = Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(folder), tracking_uri=self._uri))
        # Read as YAML, because MLflow's own reader of this file needs pandas.
        flavour = yaml.safe_load((model / "MLmodel").read_text())["flavors"].get("python_function", {})
        if flavour.get("loader_module") != LOADER_MODULE:
            raise ModelNotReadyError(f"{version.name} version {version.version} is no forecaster ({LOADER_MODULE}).")
        return model / str(flavour["data"])

    def register(
        self,
        folder: Path,
        *,
        run_id: str,
        input_example: Any,
        output_example: Any,
        metadata: Mapping[str, Any],
        certified: bool,
    ) -> ModelVersion:
        """Log a saved forecaster to its run, register it as a new version, and return that; the run stays open.

        Args:
            folder: Where `mercado.bitcoin.forecaster.Forecaster.save` wrote it.
            run_id: The training run.
            input_example: DataFrame of feature rows, float32.
            output_example: What the forecaster answers to them, for the signature.
            metadata: Kept with the model, of JSON types: series, training digest, how it was tuned.
            certified: Whether its features hold a leak certificate; without one it can never be promoted.
        """
        import mlflow.pyfunc

        mlflow.set_tracking_uri(self._uri)
        with mlflow_errors(self._uri):
            # Not `mlflow.pyfunc.log_model`: it takes the active run, whose end would close the training's run.
            info = mlflow.models.Model.log(
                artifact_path=None,
                name="forecaster",
                flavor=mlflow.pyfunc,
                run_id=run_id,
                loader_module=LOADER_MODULE,
                data_path=str(folder),
                signature=mlflow.models.infer_signature(input_example, output_example),
                input_example=input_example,
                pip_requirements=["mercado", "numpy", "xgboost-cpu==3.2.0"],
                metadata=dict(metadata),
                registered_model_name=self.name,
            )
            number = int(info.registered_model_version)
        self.tag(number, {CERTIFICATE_TAG: CERTIFIED if certified else NOT_CERTIFIED})
        return self._get(number)


def champion_since(version: ModelVersion) -> datetime:
    """Return when a version last became champion, or was registered when that was never noted; UTC."""
    stated = version.tags.get(CHAMPION_SINCE_TAG)
    return datetime.fromisoformat(stated) if stated else datetime.fromtimestamp(version.created_at_ms / 1000, UTC)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _absent(error: MlflowException) -> bool:
    """Tell "there is none" from other refusals: MLflow gives an unknown alias the code of any wrong parameter."""
    if error.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
        return True
    return error.error_code == ErrorCode.Name(INVALID_PARAMETER_VALUE) and "not found" in str(error)


def _version(found: Any) -> ModelVersion:
    return ModelVersion(
        found.name, int(found.version), found.run_id, found.creation_timestamp, tuple(found.aliases), dict(found.tags)
    )
