"""The API's image has no pandas, no scikit-learn and no Airflow: it must serve without them."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# Libraries such as XGBoost import pandas when it is there, so it is hidden, as in the image.
PROGRAM = """
import sys

HIDDEN = {"pandas", "sklearn", "airflow", "optuna", "statsmodels", "pyarrow", "matplotlib", "binance", "httpx"}

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hide())
from pathlib import Path

from fastapi_app.documentation import example_request
from fastapi_app.forecast_request import ForecastRequest
from fastapi_app.forecasting import forecast_given
from fastapi_app.main import create_app, utc_now
from fastapi_app.served_model import ServedModel
from mercado.bitcoin.forecaster import Forecaster
from mercado.registry import ModelVersion

create_app().openapi()
version = ModelVersion("bitcoin-forecaster", 1, "run", 0, (), {})
served = ServedModel(version, Forecaster.load(Path(sys.argv[1])), utc_now())
request = ForecastRequest.model_validate(example_request())
answer, _ = forecast_given(request, served, now=utc_now(), request_id=None)
print(answer.symbol, sorted(HIDDEN & set(sys.modules)))
"""


def test_the_api_starts_and_serves_without_the_libraries_of_training(model_folders: dict[int, Path]) -> None:
    environment = {**os.environ, "MERCADO_ENV_FILE": "/dev/null", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(model_folders[1])],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "BTCUSDT []"
