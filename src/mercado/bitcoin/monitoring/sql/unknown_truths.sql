-- Forecasts of a version whose candle should have closed, but nobody judges. Grain: one row.
select
    count(*) filter (where outcome.prediction_id is null) as without_truth,
    count(*) filter (where not outcome.same_candle) as from_other_candles
from market_data.predictions as prediction
left join market_data.prediction_outcomes as outcome using (prediction_id)
where (prediction.model_name, prediction.model_version, prediction.run_id)
    = (%(model_name)s, %(model_version)s, %(run_id)s)
    and prediction.target_close_utc > to_timestamp(%(start_ms)s::bigint / 1000.0)
    and prediction.target_close_utc <= to_timestamp(%(end_ms)s::bigint / 1000.0);
