-- What other roles may do; run by every `mercado migrate`, so a role that comes later gets its rights by running it again.
do $$
begin
    if exists (select from pg_roles where rolname = 'api_reader') then
        grant usage on schema market_data, ops, sipsa_data to api_reader;
        grant select on market_data.klines, market_data.kline_gaps, ops.loads, ops.load_answers, ops.rejected_rows,
            ops.alembic_version
        to api_reader;
        grant select, insert on market_data.predictions to api_reader;
        grant select on
            market_data.prediction_outcomes, market_data.monitoring_runs, market_data.monitoring_figures,
            market_data.monitoring_drift
        to api_reader;
        grant select on
            sipsa_data.sipsa_prices, sipsa_data.sipsa_prices_revisions,
            sipsa_data.sipsa_market_prices_daily, sipsa_data.sipsa_market_prices_daily_revisions,
            sipsa_data.sipsa_market_prices_weekly, sipsa_data.sipsa_market_prices_weekly_revisions,
            sipsa_data.sipsa_market_prices_monthly, sipsa_data.sipsa_market_prices_monthly_revisions,
            sipsa_data.sipsa_supply_monthly, sipsa_data.sipsa_supply_monthly_revisions,
            sipsa_data.sipsa_farm_inputs_monthly, sipsa_data.sipsa_farm_inputs_monthly_revisions,
            sipsa_data.names, sipsa_data.unmapped_names,
            sipsa_data.mayoristas_prices, sipsa_data.mayoristas_prices_revisions,
            sipsa_data.mayoristas_prices_weekly, sipsa_data.mayoristas_prices_weekly_revisions,
            sipsa_data.mayoristas_supply_weekly, sipsa_data.mayoristas_supply_weekly_revisions,
            sipsa_data.mayoristas_rice_monthly, sipsa_data.mayoristas_rice_monthly_revisions,
            sipsa_data.file_ingestion_log,
            sipsa_data.food_prices, sipsa_data.food_price_revisions, sipsa_data.price_series,
            sipsa_data.price_names
        to api_reader;
    else
        raise notice 'role api_reader is absent: its grants are skipped';
    end if;
end
$$;
