-- Candles of a series that a version has not forecast from, oldest first, and where each came from.
-- A prediction from another close than the stored one does not count. Grain: open_time_utc.
select (extract(epoch from candle.open_time_utc) * 1000)::bigint as open_time_ms, load.origin
from market_data.klines as candle
join ops.loads as load using (load_id)
where candle.symbol = %(symbol)s
    and candle.interval = %(interval)s
    and candle.open_time_utc >= to_timestamp(%(start_ms)s::bigint / 1000.0)
    and candle.open_time_utc < to_timestamp(%(end_ms)s::bigint / 1000.0)
    and not exists (
        select
        from market_data.predictions as prediction
        where prediction.symbol = candle.symbol
            and prediction.interval = candle.interval
            and prediction.as_of_utc = candle.open_time_utc + %(length)s
            and prediction.kind <> 'given'
            and prediction.last_close = candle.close_price::float8
            and (prediction.model_name, prediction.model_version, prediction.run_id)
            = (%(model_name)s, %(model_version)s, %(run_id)s)
    )
order by open_time_ms;
