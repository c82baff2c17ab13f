-- Record a figure of a look. Grain: monitoring_run_id, model_version, window_days, kind, figure.
insert into market_data.monitoring_figures (
    monitoring_run_id, model_version, window_days, kind, figure, value, low, high, row_count
)
values (
    %(monitoring_run_id)s, %(model_version)s, %(window_days)s, %(kind)s, %(figure)s, %(value)s, %(low)s, %(high)s,
    %(row_count)s
);
