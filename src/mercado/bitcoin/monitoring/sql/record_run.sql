-- Record a look at a model. Grain: monitoring_run_id; one for each started_by.
insert into market_data.monitoring_runs (
    started_by, monitored_at_utc, symbol, interval, horizon_bars, model_name, model_version, run_id, candles_until_utc,
    missing_share, missing_share_limit, verdict, reasons, retraining, retraining_reason, report
)
values (
    %(started_by)s, %(monitored_at_utc)s, %(symbol)s, %(interval)s, %(horizon_bars)s, %(model_name)s,
    %(model_version)s, %(run_id)s, %(candles_until_utc)s, %(missing_share)s, %(missing_share_limit)s, %(verdict)s,
    %(reasons)s, %(retraining)s, %(retraining_reason)s, %(report)s
)
returning monitoring_run_id;
