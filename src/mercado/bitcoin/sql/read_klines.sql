-- The newest candles of a series that open before an instant, oldest first. Grain: open_time_utc.
select open_time_ms, open_price, high_price, low_price, close_price, base_volume
from (
    select
        (extract(epoch from open_time_utc) * 1000)::bigint as open_time_ms,
        open_price::float8, high_price::float8, low_price::float8, close_price::float8, base_volume::float8
    from market_data.klines
    where symbol = %(symbol)s
        and interval = %(interval)s
        and open_time_utc >= coalesce(to_timestamp(%(start_ms)s::bigint / 1000.0), '-infinity')
        and open_time_utc < coalesce(to_timestamp(%(end_ms)s::bigint / 1000.0), 'infinity')
    order by open_time_utc desc
    limit %(last)s
) as newest
order by open_time_ms;
