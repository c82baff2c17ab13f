-- The loads that wrote the candles which open in a time span, with their raw answers. Grain: load.
-- The answers of a load are those of all it brought; which of them held a candle is not kept.
with used as (
    select load_id, count(*) as candles
    from market_data.klines
    where symbol = %(symbol)s
        and interval = %(interval)s
        and open_time_utc >= %(first_open_utc)s
        and open_time_utc < %(as_of_utc)s
    group by load_id
)
select
    loads.load_id,
    loads.source,
    loads.scope,
    loads.origin,
    loads.status,
    loads.started_at_utc,
    loads.finished_at_utc,
    used.candles,
    coalesce(
        (
            select jsonb_agg(
                jsonb_build_object(
                    'url', answers.url,
                    'sha256', answers.sha256,
                    'byte_count', answers.byte_count,
                    'received_at_utc', answers.received_at_utc
                )
                order by answers.answer_number
            )
            from ops.load_answers as answers
            where answers.load_id = loads.load_id
        ),
        '[]'
    ) as answers
from used
join ops.loads using (load_id)
order by loads.load_id;
