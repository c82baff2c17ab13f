-- Whether any candle of a series is stored from the first staged open time to the last.
select exists (
    select from market_data.klines
    where symbol = %(symbol)s
        and interval = %(interval)s
        and open_time_utc >= to_timestamp((select min(open_time_ms) from staged_klines)::float8 / 1000)
        and open_time_utc <= to_timestamp((select max(open_time_ms) from staged_klines)::float8 / 1000)
);
