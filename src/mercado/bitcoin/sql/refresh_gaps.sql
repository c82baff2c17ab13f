-- Bring the ledger in line with the stored candles. Grain: (symbol, interval, first missing candle).
-- Idempotent: a gap that is as it was keeps its confirmations; one that changed its end, or is no longer at the end
-- of the series, starts anew; one that was filled is deleted.
with stored as (
    select open_time_utc, lead(open_time_utc) over (order by open_time_utc) as next_open_time_utc
    from market_data.klines
    where symbol = %(symbol)s and interval = %(interval)s
),
holes as (
    select
        open_time_utc + %(length)s as first_missing,
        coalesce(next_open_time_utc, to_timestamp(%(end_ms)s::bigint / 1000.0)) - %(length)s as last_missing,
        next_open_time_utc is null as at_the_end
    from stored
    where coalesce(next_open_time_utc, to_timestamp(%(end_ms)s::bigint / 1000.0)) > open_time_utc + %(length)s
),
filled as (
    delete from market_data.kline_gaps as known
    where known.symbol = %(symbol)s
        and known.interval = %(interval)s
        and not exists (select from holes where first_missing = known.first_missing_open_time_utc)
)
insert into market_data.kline_gaps as known (
    symbol, interval, first_missing_open_time_utc, last_missing_open_time_utc, missing_count, kind, first_seen_load_id
)
select
    %(symbol)s, %(interval)s, first_missing, last_missing,
    round(extract(epoch from last_missing - first_missing) / extract(epoch from %(length)s::interval)) + 1,
    case when at_the_end then 'not_yet_published' else 'own_hole' end,
    %(load_id)s
from holes
on conflict (symbol, interval, first_missing_open_time_utc) do update
set last_missing_open_time_utc = excluded.last_missing_open_time_utc,
    missing_count = excluded.missing_count,
    kind = excluded.kind,
    confirmation_count = 0,
    confirmed_at_utc = null
where known.last_missing_open_time_utc <> excluded.last_missing_open_time_utc
    or (known.kind = 'not_yet_published') <> (excluded.kind = 'not_yet_published');
