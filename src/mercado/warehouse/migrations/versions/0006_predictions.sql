-- What the API answered, one row per distinct prediction, and what came true. The API's role may insert and read, no more.
create table market_data.predictions (
    prediction_id uuid primary key,
    kind text not null check (kind in ('latest', 'given', 'as_of', 'replayed')),
    predicted_at_utc timestamptz not null default clock_timestamp(),
    request_id text,
    symbol text not null,
    interval text not null,
    horizon_bars integer not null check (horizon_bars >= 1),
    first_open_utc timestamptz not null,
    as_of_utc timestamptz not null,
    target_close_utc timestamptz not null,
    model_name text not null,
    model_version integer not null check (model_version >= 1),
    run_id text not null,
    dataset_sha256 text not null check (dataset_sha256 ~ '^[0-9a-f]{64}$'),
    candles_sha256 text not null check (candles_sha256 ~ '^[0-9a-f]{64}$'),
    filled_count integer not null check (filled_count >= 0),
    data_origin text not null,
    probability_up double precision not null check (probability_up between 0 and 1),
    expected_log_return double precision not null,
    last_close double precision not null check (last_close > 0),
    forecast_price double precision not null check (forecast_price > 0),
    lower_price double precision not null check (lower_price > 0),
    upper_price double precision not null check (upper_price >= lower_price),
    interval_coverage double precision not null check (interval_coverage between 0 and 1),
    unusual_share double precision not null check (unusual_share between 0 and 1),
    check (first_open_utc < as_of_utc and as_of_utc < target_close_utc)
);
create index predictions_by_series on market_data.predictions (symbol, interval, as_of_utc);
create index predictions_by_model on market_data.predictions (model_name, model_version, target_close_utc);

comment on table market_data.predictions is
    'Predictions, each once: the same model and the same candles give the same one. Grain: prediction_id.';
comment on column market_data.predictions.kind is
    'latest: from the newest stored candles; given: from candles in a request; as_of: from stored candles up to an '
    'earlier instant, asked for; replayed: the same, computed by prediction_monitoring afterwards.';
comment on column market_data.predictions.predicted_at_utc is 'When it was first stored.';
comment on column market_data.predictions.request_id is 'Header X-Request-ID of the first request that it answered.';
comment on column market_data.predictions.first_open_utc is 'When the first candle that was read opens.';
comment on column market_data.predictions.as_of_utc is 'When the last candle that was read closed.';
comment on column market_data.predictions.target_close_utc is 'When the forecast candle closes.';
comment on column market_data.predictions.dataset_sha256 is 'Digest of the training set of the model.';
comment on column market_data.predictions.candles_sha256 is
    'Digest of the candles that were read, on the grid (mercado.bitcoin.candles.CandleSeries.digest).';
comment on column market_data.predictions.filled_count is 'Candles among them that the exchange lacks.';
comment on column market_data.predictions.data_origin is 'The exchange, "simulator: ...", or "request".';
comment on column market_data.predictions.last_close is
    'In the quote asset, as the other prices; double precision, for it is what the model computed, to the last bit.';
comment on column market_data.predictions.unusual_share is 'Share of the features outside their range in training.';

create table market_data.prediction_outcomes (
    prediction_id uuid primary key references market_data.predictions (prediction_id) on delete cascade,
    actual_close numeric not null check (actual_close > 0),
    log_return double precision not null,
    hit boolean not null,
    covered boolean not null,
    same_candle boolean not null,
    load_id bigint not null,
    joined_at_utc timestamptz not null default clock_timestamp()
);
comment on table market_data.prediction_outcomes is
    'What came true of a prediction, once its candle had closed. Grain: prediction_id.';
comment on column market_data.prediction_outcomes.log_return is 'ln(actual_close / last_close).';
comment on column market_data.prediction_outcomes.hit is 'Whether the direction was the forecast one.';
comment on column market_data.prediction_outcomes.covered is 'Whether the close was inside the interval.';
comment on column market_data.prediction_outcomes.same_candle is
    'Whether the last close that was given is the stored one; a prediction from other candles is judged by nobody.';
comment on column market_data.prediction_outcomes.load_id is 'The load (ops.loads) of the candle that came true.';
