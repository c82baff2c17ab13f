-- Candles of a series from one instant to before another, as one row: a column is an array, oldest first. A client takes
-- an array as a whole, where it would take each of a million rows by itself.
-- With newest, only so many of the newest; with oldest, only so many of the oldest. All NULL when there is none.
select
    array_agg(open_time_ms), array_agg(open_price), array_agg(high_price), array_agg(low_price), array_agg(close_price),
    array_agg(base_volume)
from (
    select
        (extract(epoch from open_time_utc) * 1000)::bigint as open_time_ms,
        open_price::float8, high_price::float8, low_price::float8, close_price::float8, base_volume::float8
    from market_data.klines
    where symbol = %(symbol)s
        and interval = %(interval)s
        and open_time_utc >= coalesce(to_timestamp(%(start_ms)s::float8 / 1000), '-infinity')
        and open_time_utc >= case
            when %(newest)s::bigint is null then '-infinity'
            else coalesce(
                (
                    select min(open_time_utc)
                    from (
                        select open_time_utc
                        from market_data.klines
                        where symbol = %(symbol)s
                            and interval = %(interval)s
                            and open_time_utc < coalesce(to_timestamp(%(end_ms)s::float8 / 1000), 'infinity')
                        order by open_time_utc desc
                        limit %(newest)s
                    ) as newest
                ),
                'infinity'
            )
        end
        and open_time_utc < coalesce(to_timestamp(%(end_ms)s::float8 / 1000), 'infinity')
    order by open_time_utc
    limit %(oldest)s
) as candles;
