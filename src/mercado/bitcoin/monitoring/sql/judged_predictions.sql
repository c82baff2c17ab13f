-- What may be judged of a model: forecasts from the stored candle whose own candle has closed, each instant once for each
-- version. Grain: (model_version, as_of_utc), oldest first.
-- It was live when it was stored before its candle closed. What was computed later, by a replay or on request, counts as
-- replayed, and of the champion only after its training: of an earlier instant it would tell what it had learned.
select distinct on (prediction.model_version, prediction.as_of_utc)
    prediction.model_version,
    prediction.kind <> 'replayed' and prediction.predicted_at_utc < prediction.target_close_utc as is_live,
    (extract(epoch from prediction.as_of_utc) * 1000)::bigint as as_of_ms,
    outcome.log_return,
    prediction.probability_up,
    prediction.expected_log_return,
    ln(prediction.lower_price / prediction.last_close) as lower_log_return,
    ln(prediction.upper_price / prediction.last_close) as upper_log_return,
    outcome.hit,
    outcome.covered
from market_data.predictions as prediction
join market_data.prediction_outcomes as outcome using (prediction_id)
where prediction.model_name = %(model_name)s
    and prediction.symbol = %(symbol)s
    and prediction.interval = %(interval)s
    and prediction.target_close_utc > to_timestamp(%(start_ms)s::bigint / 1000.0)
    and prediction.target_close_utc <= to_timestamp(%(end_ms)s::bigint / 1000.0)
    and outcome.same_candle
    -- A registry that was emptied counts its versions from 1 again.
    and (prediction.model_version <> %(model_version)s or prediction.run_id = %(run_id)s)
    and (
        prediction.kind = 'replayed'
        or prediction.predicted_at_utc < prediction.target_close_utc
        or (
            (prediction.model_version, prediction.run_id) = (%(model_version)s, %(run_id)s)
            and prediction.as_of_utc >= to_timestamp(%(trained_before_ms)s::bigint / 1000.0)
        )
    )
order by
    prediction.model_version,
    prediction.as_of_utc,
    is_live desc,
    array_position(array['latest', 'as_of', 'given', 'replayed'], prediction.kind),
    prediction.predicted_at_utc;
