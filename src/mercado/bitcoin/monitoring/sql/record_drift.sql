-- Record how far a feature has drifted. Grain: monitoring_run_id, window_days, feature.
insert into market_data.monitoring_drift (
    monitoring_run_id, window_days, feature, psi, psi_limit, distance, distance_limit, row_count, drifted
)
values (
    %(monitoring_run_id)s, %(window_days)s, %(feature)s, %(psi)s, %(psi_limit)s, %(distance)s, %(distance_limit)s,
    %(row_count)s, %(drifted)s
);
