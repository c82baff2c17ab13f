-- Merge staged candles. Grain: (symbol, interval, open_time_utc).
-- Idempotent: an equal candle is not rewritten, so a repeated load reports 0 inserted, 0 updated.
-- A row is new exactly when no earlier version of it was locked, which xmax tells.
with merged as (
    insert into market_data.klines as kept (
        symbol, interval, open_time_utc, open_price, high_price, low_price, close_price, base_volume, close_time_utc,
        quote_volume, trade_count, taker_buy_base_volume, taker_buy_quote_volume, load_id
    )
    select
        %(symbol)s, %(interval)s, to_timestamp(open_time_ms / 1000.0), open_price, high_price, low_price, close_price,
        base_volume, to_timestamp(close_time_ms / 1000.0), quote_volume, trade_count, taker_buy_base_volume,
        taker_buy_quote_volume, %(load_id)s
    from staged_klines
    on conflict (symbol, interval, open_time_utc) do update
    set open_price = excluded.open_price,
        high_price = excluded.high_price,
        low_price = excluded.low_price,
        close_price = excluded.close_price,
        base_volume = excluded.base_volume,
        close_time_utc = excluded.close_time_utc,
        quote_volume = excluded.quote_volume,
        trade_count = excluded.trade_count,
        taker_buy_base_volume = excluded.taker_buy_base_volume,
        taker_buy_quote_volume = excluded.taker_buy_quote_volume,
        load_id = excluded.load_id
    where (
        kept.open_price, kept.high_price, kept.low_price, kept.close_price, kept.base_volume, kept.close_time_utc,
        kept.quote_volume, kept.trade_count, kept.taker_buy_base_volume, kept.taker_buy_quote_volume
    ) is distinct from (
        excluded.open_price, excluded.high_price, excluded.low_price, excluded.close_price, excluded.base_volume,
        excluded.close_time_utc, excluded.quote_volume, excluded.trade_count, excluded.taker_buy_base_volume,
        excluded.taker_buy_quote_volume
    )
    returning (xmax = 0) as is_new
)
select
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new) as updated,
    (select count(*) from staged_klines) - count(*) as unchanged
from merged;
