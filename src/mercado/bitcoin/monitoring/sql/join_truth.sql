-- What came true of each prediction of a series whose candle is stored. Grain: prediction_id.
-- Idempotent: an outcome that is as it was is not rewritten; a revised candle updates it. A candle in a gap never comes,
-- and what would have been true stays unknown: there is no row.
with merged as (
    insert into market_data.prediction_outcomes as known (
        prediction_id, actual_close, log_return, hit, covered, same_candle, load_id
    )
    select
        prediction.prediction_id,
        target.close_price,
        ln(target.close_price::float8 / prediction.last_close),
        (target.close_price::float8 > prediction.last_close) = (prediction.probability_up > 0.5),
        target.close_price::float8 between prediction.lower_price and prediction.upper_price,
        coalesce(given.close_price::float8 = prediction.last_close, false),
        target.load_id
    from market_data.predictions as prediction
    -- Laterally, one look-up by key each: before the tables' first analysis the planner would compare all with all.
    cross join lateral (
        select kline.close_price, kline.load_id
        from market_data.klines as kline
        where kline.symbol = prediction.symbol
            and kline.interval = prediction.interval
            and kline.open_time_utc = prediction.target_close_utc - %(length)s::interval
        limit 1
    ) as target
    left join lateral (
        select kline.close_price
        from market_data.klines as kline
        where kline.symbol = prediction.symbol
            and kline.interval = prediction.interval
            and kline.open_time_utc = prediction.as_of_utc - %(length)s::interval
        limit 1
    ) as given on true
    where prediction.symbol = %(symbol)s and prediction.interval = %(interval)s
    on conflict (prediction_id) do update
    set actual_close = excluded.actual_close,
        log_return = excluded.log_return,
        hit = excluded.hit,
        covered = excluded.covered,
        same_candle = excluded.same_candle,
        load_id = excluded.load_id,
        joined_at_utc = clock_timestamp()
    where (
        known.actual_close, known.log_return, known.hit, known.covered, known.same_candle, known.load_id
    ) is distinct from (
        excluded.actual_close, excluded.log_return, excluded.hit, excluded.covered, excluded.same_candle, excluded.load_id
    )
    returning (xmax = 0) as is_new
)
select count(*) filter (where is_new) as inserted, count(*) filter (where not is_new) as updated
from merged;
