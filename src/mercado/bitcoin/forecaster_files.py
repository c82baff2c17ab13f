"""A forecaster's folder: direction.ubj, spread.ubj (XGBoost's own format) and forecaster.json, which is written last.

forecaster.json holds the sha256 of both boosters, so that a damaged file, or one of another model, is named when it is
loaded and never served. No pickle: loading a model runs no code of the folder's.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import xgboost

from mercado.errors import ModelNotReadyError

BOOSTER_NAMES: Final = ("direction", "spread")
FORMAT: Final = "mercado-bitcoin-forecaster/1"
MANIFEST_NAME: Final = "forecaster.json"
_FIELDS: Final = frozenset(
    (
        "symbol",
        "interval",
        "horizon_bars",
        "calibration",
        "feature_names",
        "feature_low",
        "feature_high",
        "training_digest",
        "training_first_ms",
        "training_last_ms",
    )
)


def write_model_folder(folder: Path, boosters: dict[str, xgboost.Booster], fields: dict[str, Any]) -> None:
    """Write the boosters, then the manifest that names them; a folder without a manifest is not a model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST_NAME).unlink(missing_ok=True)
    digests = {}
    for name in BOOSTER_NAMES:
        content = bytes(boosters[name].save_raw("ubj"))
        (folder / f"{name}.ubj").write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    manifest = {"format": FORMAT, **fields, "booster_sha256": digests, "xgboost_version": xgboost.__version__}
    unfinished = folder / f"{MANIFEST_NAME}.part"
    unfinished.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(folder / MANIFEST_NAME)


def read_model_folder(
    folder: Path, *, feature_names: tuple[str, ...]
) -> tuple[dict[str, xgboost.Booster], dict[str, Any]]:
    """Return the boosters by name, and the manifest's fields.

    Args:
        folder: As `write_model_folder` left it.
        feature_names: The features that this code computes, in order.

    Raises:
        ModelNotReadyError: A file is missing, damaged or of another kind, or the model has other features.
    """
    manifest = _read_manifest(folder / MANIFEST_NAME)
    if tuple(manifest["feature_names"]) != feature_names:
        raise _not_ready(folder, f"it has other features than this code ({_difference(manifest, feature_names)})")
    boosters = {
        name: _read_booster(folder / f"{name}.ubj", sha256=manifest["booster_sha256"][name]) for name in BOOSTER_NAMES
    }
    return boosters, {name: manifest[name] for name in _FIELDS}


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise _not_ready(path.parent, f"{path.name} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _not_ready(path.parent, f"{path.name} is damaged ({error})") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise _not_ready(path.parent, f"{path.name} has format {found!r}, expected {FORMAT!r}")
    absent = sorted((_FIELDS | {"booster_sha256"}) - manifest.keys())
    if absent:
        raise _not_ready(path.parent, f"{path.name} lacks {', '.join(absent)}")
    return dict(manifest)


def _read_booster(path: Path, *, sha256: str) -> xgboost.Booster:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _not_ready(path.parent, f"{path.name} cannot be read ({error.strerror})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise _not_ready(path.parent, f"{path.name} is damaged or another model's (sha256 {found}, expected {sha256})")
    try:
        return xgboost.Booster(model_file=bytearray(content))
    except xgboost.core.XGBoostError as error:
        raise _not_ready(path.parent, f"XGBoost {xgboost.__version__} cannot read {path.name}: {error}") from error


def _difference(manifest: dict[str, Any], feature_names: tuple[str, ...]) -> str:
    theirs = manifest["feature_names"]
    absent = [name for name in feature_names if name not in theirs]
    unknown = [name for name in theirs if name not in feature_names]
    return f"lacks {absent}, has also {unknown}" if absent or unknown else "the same ones in another order"


def _not_ready(folder: Path, reason: str) -> ModelNotReadyError:
    return ModelNotReadyError(
        f"The model in {folder} cannot be served: {reason}. Train again, or choose another version."
    )
