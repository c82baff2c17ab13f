-- A prediction, and what came true of it if its candle has closed. Grain: one row, or none.
select
    predictions.*,
    outcomes.actual_close,
    outcomes.log_return,
    outcomes.hit,
    outcomes.covered,
    outcomes.same_candle,
    outcomes.joined_at_utc
from market_data.predictions
left join market_data.prediction_outcomes as outcomes using (prediction_id)
where prediction_id = %(prediction_id)s;
