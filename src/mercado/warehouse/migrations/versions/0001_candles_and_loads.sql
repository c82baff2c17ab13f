create schema if not exists market_data;

create table ops.loads (
    load_id bigint generated always as identity primary key,
    source text not null,
    scope text not null,
    origin text not null,
    status text not null default 'running' check (status in ('running', 'succeeded', 'failed', 'abandoned')),
    answer_count integer not null default 0 check (answer_count >= 0),
    byte_count bigint not null default 0 check (byte_count >= 0),
    rows_read bigint not null default 0 check (rows_read >= 0),
    rows_inserted bigint not null default 0 check (rows_inserted >= 0),
    rows_updated bigint not null default 0 check (rows_updated >= 0),
    rows_unchanged bigint not null default 0 check (rows_unchanged >= 0),
    rows_rejected bigint not null default 0 check (rows_rejected >= 0),
    notes text[] not null default '{}',
    error text,
    started_at_utc timestamptz not null default clock_timestamp(),
    finished_at_utc timestamptz,
    check ((status = 'running') = (finished_at_utc is null)),
    check (status <> 'failed' or error is not null)
);
create index loads_by_source_and_scope on ops.loads (source, scope, started_at_utc);

comment on table ops.loads is 'One row per load: what was asked of a source, what came, what changed.';
comment on column ops.loads.source is 'Short name of the source: binance, sipsa, landing.';
comment on column ops.loads.scope is 'The series or part of the source, such as "BTCUSDT 1h"; one load of it runs at a time.';
comment on column ops.loads.origin is 'Where the data came from: the exchange or publisher, or a simulator with its profile.';
comment on column ops.loads.status is 'running, succeeded, failed (see error), or abandoned: its process died.';
comment on column ops.loads.byte_count is 'Size of the raw answers, in bytes, as received.';
comment on column ops.loads.notes is 'What a person should know though the load went on, such as a file with a wrong checksum.';

create table ops.load_answers (
    load_id bigint not null references ops.loads (load_id),
    answer_number integer not null check (answer_number >= 1),
    url text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_count bigint not null check (byte_count >= 0),
    rows_read bigint not null check (rows_read >= 0),
    received_at_utc timestamptz not null default clock_timestamp(),
    primary key (load_id, answer_number)
);
comment on table ops.load_answers is 'The raw answers of a load, in order: a page, a file; with the digest of the bytes.';

create table market_data.klines (
    symbol text not null check (symbol ~ '^[A-Z0-9]+$'),
    interval text not null check (interval ~ '^[0-9]+[mhd]$'),
    open_time_utc timestamptz not null,
    open_price numeric not null check (open_price > 0),
    high_price numeric not null,
    low_price numeric not null check (low_price > 0),
    close_price numeric not null check (close_price > 0),
    base_volume numeric not null check (base_volume >= 0),
    close_time_utc timestamptz not null,
    quote_volume numeric not null check (quote_volume >= 0),
    trade_count bigint not null check (trade_count >= 0),
    taker_buy_base_volume numeric not null check (taker_buy_base_volume >= 0),
    taker_buy_quote_volume numeric not null check (taker_buy_quote_volume >= 0),
    load_id bigint not null,
    primary key (symbol, interval, open_time_utc),
    check (high_price >= greatest(open_price, close_price)),
    check (low_price <= least(open_price, close_price)),
    check (close_time_utc > open_time_utc)
);
comment on table market_data.klines is
    'Closed candles (Binance: klines). Grain: symbol, interval, open_time_utc. A candle under way is never stored.';
comment on column market_data.klines.open_price is 'In the quote asset (USDT for BTCUSDT); likewise the other prices.';
comment on column market_data.klines.base_volume is 'Traded volume in the base asset (BTC for BTCUSDT).';
comment on column market_data.klines.close_time_utc is 'As stated by the source; an outage truncates it.';
comment on column market_data.klines.quote_volume is 'Traded volume in the quote asset.';
-- No foreign key: checked row by row it took a third of a long load, and a load's record is never deleted.
comment on column market_data.klines.load_id is 'The load (ops.loads) that wrote this version of the candle.';

create table market_data.kline_gaps (
    symbol text not null,
    interval text not null,
    first_missing_open_time_utc timestamptz not null,
    last_missing_open_time_utc timestamptz not null,
    missing_count bigint not null check (missing_count >= 1),
    kind text not null check (kind in ('exchange_outage', 'not_yet_published', 'own_hole')),
    confirmation_count integer not null default 0 check (confirmation_count >= 0),
    confirmed_at_utc timestamptz,
    first_seen_load_id bigint not null references ops.loads (load_id),
    primary key (symbol, interval, first_missing_open_time_utc),
    check (last_missing_open_time_utc >= first_missing_open_time_utc)
);
comment on table market_data.kline_gaps is 'Ledger of missing candles. Grain: symbol, interval, first missing candle.';
comment on column market_data.kline_gaps.kind is
    'exchange_outage: the exchange was asked again and has none; not_yet_published: closed, but after the last one '
    'published; own_hole: not yet asked again.';
comment on column market_data.kline_gaps.confirmation_count is 'How often the exchange, asked again, had no candle here.';
