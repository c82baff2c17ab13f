-- The newest candle of a series, or none.
select open_time_utc
from market_data.klines
where (symbol, interval) = (%(symbol)s, %(interval)s)
order by open_time_utc desc
limit 1
