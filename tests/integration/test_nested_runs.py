"""What a training logs of its study, in a real MLflow."""

import mlflow
import optuna
from optuna.trial import TrialState, create_trial

from mercado.bitcoin.nested_runs import log_study, study_run
from mercado.tracking import TrackedRun
from tests.mlflow_server import MlflowServer


def judged(state: TrialState, log_loss: float) -> optuna.trial.FrozenTrial:
    return create_trial(state=state, value=log_loss, intermediate_values={0: log_loss})


def test_a_pruned_trial_is_no_rival_of_one_that_went_through_all_folds(mlflow_server: MlflowServer) -> None:
    study = optuna.create_study(direction="minimize")
    # Its first fold was the easiest.
    pruned = judged(TrialState.PRUNED, 0.685)
    study.add_trials([judged(TrialState.COMPLETE, 0.69), pruned, judged(TrialState.COMPLETE, 0.688)])
    training = TrackedRun.start(mlflow_server.uri, experiment="pruned", name="training", note="")
    run = study_run(training, {})
    log_study(run, study.trials)
    best = mlflow.MlflowClient(mlflow_server.uri).get_metric_history(run.run_id, "best.tuning_log_loss")
    assert {each.step: each.value for each in best} == {0: 0.69, 2: 0.688}
    assert run.metrics()["tuning_log_loss"] == study.best_value == 0.688
