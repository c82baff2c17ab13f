-- Store one prediction. Grain: prediction_id.
-- Idempotent: the id is made from the model and the candles, so the same prediction again changes nothing.
insert into market_data.predictions (
    prediction_id, kind, request_id, symbol, interval, horizon_bars, first_open_utc, as_of_utc, target_close_utc,
    model_name, model_version, run_id, dataset_sha256, candles_sha256, filled_count, data_origin, probability_up,
    expected_log_return, last_close, forecast_price, lower_price, upper_price, interval_coverage, unusual_share
)
values (
    %(prediction_id)s, %(kind)s, %(request_id)s, %(symbol)s, %(interval)s, %(horizon_bars)s, %(first_open_utc)s,
    %(as_of_utc)s, %(target_close_utc)s, %(model_name)s, %(model_version)s, %(run_id)s, %(dataset_sha256)s,
    %(candles_sha256)s, %(filled_count)s, %(data_origin)s, %(probability_up)s, %(expected_log_return)s, %(last_close)s,
    %(forecast_price)s, %(lower_price)s, %(upper_price)s, %(interval_coverage)s, %(unusual_share)s
)
on conflict (prediction_id) do nothing;
