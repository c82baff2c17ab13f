-- Closed candles. Grain: symbol, interval, open_time_utc.
select
    symbol, interval, open_time_utc, open_price, high_price, low_price, close_price, base_volume, close_time_utc,
    quote_volume, trade_count, taker_buy_base_volume, taker_buy_quote_volume, load_id
from market_data.klines
where {filters} and {after}
order by {order}
limit {limit}
