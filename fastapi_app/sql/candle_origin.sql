-- Where one stored candle came from, in the words of the load that wrote it. Grain: one row, or none.
select loads.origin
from market_data.klines
join ops.loads using (load_id)
where symbol = %(symbol)s
    and interval = %(interval)s
    and open_time_utc = to_timestamp(%(open_time_ms)s::bigint / 1000.0);
