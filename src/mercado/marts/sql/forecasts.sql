-- Stored forecasts with their outcomes. Grain: prediction_id.
-- The page is found first, so that outcomes are looked up for its rows only.
with page as (
    select
        prediction_id, kind, symbol, interval, horizon_bars, as_of_utc, target_close_utc, predicted_at_utc, model_name,
        model_version, run_id, data_origin, probability_up, expected_log_return, last_close, forecast_price,
        lower_price, upper_price, interval_coverage, unusual_share
    from market_data.predictions
    where {filters} and {after}
    order by {order}
    limit {limit}
)
select
    page.*, case when probability_up > 0.5 then 'up' else 'down' end as direction, outcomes.actual_close,
    outcomes.hit, outcomes.covered
from page
left join market_data.prediction_outcomes as outcomes
    on outcomes.prediction_id = page.prediction_id and outcomes.same_candle
order by as_of_utc desc, page.prediction_id desc
