-- Looks at champions, with their figures. Grain: monitoring_run_id.
select
    monitoring_run_id, monitored_at_utc, symbol, interval, horizon_bars, model_name, model_version, run_id,
    candles_until_utc, verdict, reasons, retraining, retraining_reason, report,
    (
        select count(distinct drift.feature)
        from market_data.monitoring_drift as drift
        where drift.monitoring_run_id = looks.monitoring_run_id and drift.drifted
    ) as drifted_features,
    coalesce(
        (
            select jsonb_agg(
                jsonb_build_object(
                    'model_version', figures.model_version, 'window_days', figures.window_days, 'kind', figures.kind,
                    'figure', figures.figure, 'value', figures.value, 'low', figures.low, 'high', figures.high,
                    'row_count', figures.row_count
                )
                order by figures.model_version desc, figures.window_days, figures.kind, figures.figure
            )
            from market_data.monitoring_figures as figures
            where figures.monitoring_run_id = looks.monitoring_run_id
        ),
        '[]'
    ) as figures
from market_data.monitoring_runs as looks
where {filters} and {after}
order by {order}
limit {limit}
