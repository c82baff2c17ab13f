-- All candles of a series as the CSV file's rows, oldest first; times as ISO 8601 in UTC.
select
    to_char(open_time_utc at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as open_time_utc,
    open_price, high_price, low_price, close_price, base_volume,
    to_char(close_time_utc at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as close_time_utc,
    quote_volume, trade_count, taker_buy_base_volume, taker_buy_quote_volume
from market_data.klines
where symbol = {symbol} and interval = {interval}
order by open_time_utc
