-- What changes when the newest candles of a series change: the newest open time, and the latest load among them.
select (extract(epoch from max(open_time_utc)) * 1000)::bigint, max(load_id)
from (
    select open_time_utc, load_id
    from market_data.klines
    where symbol = %(symbol)s
        and interval = %(interval)s
    order by open_time_utc desc
    limit %(bars)s
) as newest;
