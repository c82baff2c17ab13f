-- Staging of one session: emptied at each commit, so a block that fails leaves nothing behind.
create temporary table if not exists staged_klines (
    open_time_ms bigint not null,
    open_price numeric not null,
    high_price numeric not null,
    low_price numeric not null,
    close_price numeric not null,
    base_volume numeric not null,
    close_time_ms bigint not null,
    quote_volume numeric not null,
    trade_count bigint not null,
    taker_buy_base_volume numeric not null,
    taker_buy_quote_volume numeric not null
) on commit delete rows;
