-- Missing candles. Grain: symbol, interval, first missing candle.
select
    symbol, interval, first_missing_open_time_utc, last_missing_open_time_utc, missing_count, kind, confirmation_count,
    confirmed_at_utc
from market_data.kline_gaps
where {filters} and {after}
order by {order}
limit {limit}
