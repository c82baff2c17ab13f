"""The drill in containers: volumes and settings are lost; a backup gives all of it back under fresh secrets."""

import shutil
from pathlib import Path

import pytest

from mercado.environment import set_in_env_file
from mercado.local.platform import Platform
from mercado.maintenance.backups import list_backups
from tests.demo import Demo
from tests.restore_drill import VARIABLE, fixed_candles, log_in, seen

pytestmark = pytest.mark.timeout(900)


def test_everything_comes_back_from_a_backup_after_the_volumes_are_gone(demo: Demo, tmp_path: Path) -> None:
    request, password = fixed_candles(demo), demo.platform.values["AIRFLOW_ADMIN_PASSWORD"]
    secret = demo.platform.values["WAREHOUSE_DB_PASSWORD"]
    log_in(demo, password).set_variable(VARIABLE, "17")
    seen(demo, request)
    before = seen(demo, request)
    made = demo.mercado("backup", *demo.options)
    assert made.returncode == 0, made.stderr
    backup = list_backups(demo.platform.backups)[0].path
    kept = Path(shutil.copytree(backup, tmp_path / backup.name))

    destroyed = demo.run("destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stderr
    assert not demo.state.exists()

    restored = demo.mercado("restore", str(kept), "--yes", *demo.options)
    assert restored.returncode == 0, f"{restored.stdout}\n{restored.stderr}"
    started = demo.run("start")
    assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
    # As the command says: the administrator's password is that of then, for the tests after this one as well.
    set_in_env_file(demo.platform.settings_file, {"AIRFLOW_ADMIN_PASSWORD": password})
    assert Platform.demo(demo.state).values["WAREHOUSE_DB_PASSWORD"] != secret
    assert seen(demo, request) == before
    airflow = log_in(demo, password)
    assert airflow.variables()[VARIABLE] == "17"
    assert airflow.connection_works("postgres_sipsa")
    # MLflow's own user writes where the artifacts were put back.
    again = demo.mercado("backup", *demo.options)
    assert again.returncode == 0, again.stderr
