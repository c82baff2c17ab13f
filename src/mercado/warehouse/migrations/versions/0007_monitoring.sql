-- What each run of the monitoring found of the served model, and what it decided. A figure that is not known is null.
create table market_data.monitoring_runs (
    monitoring_run_id bigint generated always as identity primary key,
    started_by text not null unique,
    monitored_at_utc timestamptz not null,
    symbol text not null,
    interval text not null,
    horizon_bars integer not null check (horizon_bars >= 1),
    model_name text not null,
    model_version integer check (model_version >= 1),
    run_id text,
    candles_until_utc timestamptz,
    missing_share double precision check (missing_share between 0 and 1),
    missing_share_limit double precision check (missing_share_limit between 0 and 1),
    verdict text not null check (verdict in ('healthy', 'drift', 'decay', 'unknown')),
    reasons text[] not null check (cardinality(reasons) >= 1),
    retraining text not null check (retraining in ('not_needed', 'started', 'cooling_down', 'no_model')),
    retraining_reason text not null,
    report text,
    check ((model_version is null) = (retraining = 'no_model')),
    check ((model_version is null) = (run_id is null)),
    check (retraining <> 'no_model' or verdict = 'unknown'),
    check (retraining not in ('started', 'cooling_down') or verdict in ('drift', 'decay'))
);
create index monitoring_runs_by_series on market_data.monitoring_runs (symbol, interval, monitored_at_utc);

comment on table market_data.monitoring_runs is
    'One look at the champion of a series: what was found, what was decided. Grain: monitoring_run_id.';
comment on column market_data.monitoring_runs.started_by is
    'Airflow''s run, or the command that asked; looking again for the same one replaces what it found first.';
comment on column market_data.monitoring_runs.model_version is 'The champion; null: there was none.';
comment on column market_data.monitoring_runs.run_id is 'The MLflow run that trained it.';
comment on column market_data.monitoring_runs.candles_until_utc is
    'When the last candle closed that was looked at; null: none was stored.';
comment on column market_data.monitoring_runs.missing_share is
    'Share of the bars of the longest drift window that the exchange lacks; null: unknown.';
comment on column market_data.monitoring_runs.missing_share_limit is 'Above it the candles have drifted; null: unknown.';
comment on column market_data.monitoring_runs.verdict is
    'healthy: all is known, and nothing is wrong; drift: the input is unlike the training; decay: the forecasts are worse '
    'than they promise; unknown: nothing is wrong as far as is known, and not all is known.';
comment on column market_data.monitoring_runs.reasons is 'What the verdict rests on, a sentence each.';
comment on column market_data.monitoring_runs.retraining is
    'started: bitcoin_training_pipeline was asked for; cooling_down: it would have been, but a training began lately; '
    'not_needed; no_model: there is no champion, so nothing to watch.';
comment on column market_data.monitoring_runs.report is 'Address of the report in MLflow; null: none was written.';

create table market_data.monitoring_figures (
    monitoring_run_id bigint not null references market_data.monitoring_runs (monitoring_run_id) on delete cascade,
    model_version integer not null check (model_version >= 1),
    window_days integer not null check (window_days >= 1),
    kind text not null check (kind in ('live', 'replayed')),
    figure text not null check (figure ~ '^[a-z_0-9]+$'),
    value double precision check (value <> 'NaN'),
    low double precision check (low <> 'NaN'),
    high double precision check (high <> 'NaN'),
    row_count integer not null check (row_count >= 0),
    primary key (monitoring_run_id, model_version, window_days, kind, figure),
    check (value is not null or (low is null and high is null)),
    check ((low is null) = (high is null) and low <= high),
    check (row_count > 0 or value is null)
);
comment on table market_data.monitoring_figures is
    'How well a version forecast in the last days, as far as it is known. '
    'Grain: monitoring_run_id, model_version, window_days, kind, figure.';
comment on column market_data.monitoring_figures.kind is
    'live: stored before the forecast candle closed; replayed: computed afterwards, from candles after the training.';
comment on column market_data.monitoring_figures.value is 'Null: unknown, because row_count is too small.';
comment on column market_data.monitoring_figures.low is 'Lower end of its 95 % interval; null: it has none.';
comment on column market_data.monitoring_figures.high is 'Upper end.';
comment on column market_data.monitoring_figures.row_count is 'Forecasts that came true or not; of overlapping ones, all.';

create table market_data.monitoring_drift (
    monitoring_run_id bigint not null references market_data.monitoring_runs (monitoring_run_id) on delete cascade,
    window_days integer not null check (window_days >= 1),
    feature text not null,
    psi double precision check (psi >= 0 and psi <> 'NaN'),
    psi_limit double precision not null check (psi_limit > 0),
    distance double precision check (distance between 0 and 1),
    distance_limit double precision not null check (distance_limit > 0),
    row_count integer not null check (row_count >= 0),
    drifted boolean,
    primary key (monitoring_run_id, window_days, feature),
    check ((psi is null) = (distance is null) and (psi is null) = (drifted is null))
);
comment on table market_data.monitoring_drift is
    'How far a feature is from its training values. Grain: monitoring_run_id, window_days, feature.';
comment on column market_data.monitoring_drift.psi is
    'Population stability index over the training''s deciles, in nats; null: unknown, because row_count is too small.';
comment on column market_data.monitoring_drift.psi_limit is
    'What windows of the training''s own history stayed below, and never less than 0.25; likewise distance_limit.';
comment on column market_data.monitoring_drift.distance is 'Kolmogorov-Smirnov''s, 0 to 1.';
comment on column market_data.monitoring_drift.drifted is 'Whether both are above their limits; null: unknown.';
