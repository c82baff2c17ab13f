-- When another look last started a training of a model. Grain: one row; null when none ever did.
select max(monitored_at_utc)
from market_data.monitoring_runs
where model_name = %(model_name)s
    and retraining = 'started'
    and started_by <> %(started_by)s;
