-- Insert staged candles where none is stored between the first and the last of them. Grain: (symbol, interval,
-- open_time_utc). A candle that is there all the same breaks the primary key, and nothing is inserted.
insert into market_data.klines (
    symbol, interval, open_time_utc, open_price, high_price, low_price, close_price, base_volume, close_time_utc,
    quote_volume, trade_count, taker_buy_base_volume, taker_buy_quote_volume, load_id
)
select
    %(symbol)s, %(interval)s, to_timestamp(open_time_ms::float8 / 1000), open_price, high_price, low_price, close_price,
    base_volume, to_timestamp(close_time_ms::float8 / 1000), quote_volume, trade_count, taker_buy_base_volume,
    taker_buy_quote_volume, %(load_id)s
from staged_klines;
