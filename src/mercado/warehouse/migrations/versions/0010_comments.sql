-- The meaning, unit and zone of every column that had no comment. A column that several tables share is commented on
-- once, below; staging and revisions take theirs from the table that they belong to, at the end.
comment on schema ops is 'What the platform did: loads, raw answers, rejected rows, and the version of this schema.';
comment on schema sipsa_data is 'Wholesale food prices of Colombia, from DANE''s service SIPSA and from its workbooks.';
comment on schema market_data is 'Candles, what was forecast from them, what came true, and how well that went.';

comment on table ops.alembic_version is 'The version of this schema, as Alembic keeps it. Grain: one row.';
comment on column ops.alembic_version.version_num is 'The newest migration that was run.';

comment on column ops.loads.load_id is 'Number of the load, in the order in which loads began.';
comment on column ops.loads.answer_count is 'Raw answers that came.';
comment on column ops.loads.rows_read is 'Rows in the raw answers.';
comment on column ops.loads.rows_inserted is 'Rows that were new.';
comment on column ops.loads.rows_updated is 'Rows that the load changed.';
comment on column ops.loads.rows_unchanged is 'Rows that were there already, equal.';
comment on column ops.loads.rows_rejected is 'Rows that break a rule; the first 10,000 are in ops.rejected_rows.';
comment on column ops.loads.error is 'Why it failed: the kind of the error, and its message.';
comment on column ops.loads.started_at_utc is 'When it began.';
comment on column ops.loads.finished_at_utc is 'When it ended, or was found abandoned; null while it runs.';
comment on column ops.load_answers.answer_number is 'Place among the answers of the load, from 1.';
comment on column ops.load_answers.url is 'The address that answered, without credentials; of a workbook its name.';
comment on column ops.load_answers.sha256 is 'SHA-256 of the answer''s bytes, in hexadecimal.';
comment on column ops.load_answers.byte_count is 'Size of the answer, in bytes.';
comment on column ops.load_answers.rows_read is 'Rows in the answer.';
comment on column ops.load_answers.received_at_utc is 'When its row was written.';

comment on column market_data.klines.open_time_utc is 'When the candle opens.';
comment on column market_data.klines.high_price is 'Highest price, in the quote asset.';
comment on column market_data.klines.low_price is 'Lowest price, in the quote asset.';
comment on column market_data.klines.close_price is 'Last price, in the quote asset.';
comment on column market_data.klines.trade_count is 'Trades in the candle.';
comment on column market_data.klines.taker_buy_base_volume is 'Part of base_volume in which the buyer took a standing offer.';
comment on column market_data.klines.taker_buy_quote_volume is 'Part of quote_volume in which the buyer took a standing offer.';
comment on column market_data.kline_gaps.first_missing_open_time_utc is 'When the first missing candle would open.';
comment on column market_data.kline_gaps.last_missing_open_time_utc is 'When the last missing candle would open.';
comment on column market_data.kline_gaps.missing_count is 'Candles that are missing, both ends included.';
comment on column market_data.kline_gaps.confirmed_at_utc is 'When the exchange was last asked again; null: not yet.';
comment on column market_data.kline_gaps.first_seen_load_id is 'The load (ops.loads) that found the gap.';

comment on column market_data.predictions.probability_up is 'Probability that the close is above last_close, 0 to 1.';
comment on column market_data.predictions.expected_log_return is 'Forecast of ln(close / last_close).';
comment on column market_data.predictions.forecast_price is 'last_close times exp(expected_log_return), in the quote asset.';
comment on column market_data.predictions.lower_price is 'Lower end of the interval of the close, in the quote asset.';
comment on column market_data.predictions.upper_price is 'Upper end of the interval of the close, in the quote asset.';
comment on column market_data.predictions.interval_coverage is 'Share of closes that the interval promises to hold, 0 to 1.';
comment on column market_data.prediction_outcomes.actual_close is 'The close that came true, in the quote asset.';
comment on column market_data.prediction_outcomes.joined_at_utc is 'When the outcome was written.';
comment on column market_data.monitoring_runs.monitored_at_utc is 'When the champion was looked at.';
comment on column market_data.monitoring_runs.retraining_reason is 'Why a training was started, or was not.';
comment on column market_data.monitoring_figures.figure is 'Name of the figure, such as hit_rate, log_loss or coverage.';
comment on column market_data.monitoring_drift.feature is 'Name of the feature.';
comment on column market_data.monitoring_drift.distance_limit is 'What windows of the training''s own history stayed below.';
comment on column market_data.monitoring_drift.row_count is 'Bars of the window in which the feature is known.';

comment on column sipsa_data.sipsa_prices.product_code is 'codProducto: DANE''s number of the product in this operation only.';
comment on column sipsa_data.sipsa_prices.average_price_cop_per_kg is 'precioPromedio: average price, in COP per kilogram.';
comment on column sipsa_data.sipsa_prices.price_unit is 'What the price is for: always kg.';
comment on column sipsa_data.sipsa_prices.reg_id is 'regId: DANE''s number of the record; null where the answer has none.';
comment on column sipsa_data.sipsa_market_prices_daily.survey_date is 'enmaFecha: calendar day of Bogotá of the survey; never shifted.';
comment on column sipsa_data.sipsa_market_prices_daily.product_group is 'grupNombre: the group that DANE puts the product into.';
comment on column sipsa_data.sipsa_farm_inputs_monthly.input_name is 'insumoNombre: the input with its presentation, as stated.';
comment on column sipsa_data.sipsa_farm_inputs_monthly.collection_type_code is 'tireId: kind of survey; 4 is farm inputs.';
comment on column sipsa_data.sipsa_farm_inputs_monthly.collection_type_name is 'tireNombre: the kind of survey in words.';
comment on column sipsa_data.sipsa_farm_inputs_monthly.average_price_cop is 'promedio: average price, in COP per presentation of the input''s name.';
comment on column sipsa_data.mayoristas_prices.price_cop is 'Average price, in COP per price_unit.';
comment on column sipsa_data.mayoristas_prices.product_group is 'The group that the row stands under in the sheet; null: under none.';
comment on column sipsa_data.mayoristas_supply_weekly.product_group is 'The group of products, as the sheet writes it.';
comment on column sipsa_data.mayoristas_rice_monthly.min_price_cop_per_tonne is 'Least price, in COP per tonne; null: not stated.';
comment on column sipsa_data.mayoristas_rice_monthly.max_price_cop_per_tonne is 'Greatest price, in COP per tonne; null: not stated.';
comment on column sipsa_data.mayoristas_rice_monthly.mean_price_cop_per_tonne is 'Mean price, in COP per tonne.';
comment on column sipsa_data.mayoristas_rice_monthly.trend is
    'Against the month before: + ++ +++ up, - -- --- down, = unchanged, null not available.';
comment on column sipsa_data.names.name is 'The source''s own text.';
comment on column sipsa_data.price_series.market is 'The one name of the city (city_daily) or market, as in food_prices.';

-- Columns that several tables share; a comment of a table's own, above or earlier, stays.
do $$
declare
    this record;
begin
    for this in
        select format('comment on column %I.%I.%I is %L', n.nspname, c.relname, a.attname, shared.meaning) as statement
        from (values
            ('sipsa_data', 'product_code', 'artiId: DANE''s number of the product.'),
            ('sipsa_data', 'market_code', 'fuenId: DANE''s number of the market.'),
            ('sipsa_data', 'collection_code', 'futiId: DANE''s number of the market together with the kind of survey.'),
            ('sipsa_data', 'municipality_code', 'muniId: DIVIPOLA code of the municipality, as text with its leading zeros.'),
            ('sipsa_data', 'department_name', 'Department, as the source writes it.'),
            ('sipsa_data', 'municipality_name', 'Municipality, as the source writes it.'),
            ('sipsa_data', 'market_name', 'Market, as the source writes it; spellings of one market are rows of their own.'),
            ('sipsa_data', 'product_name', 'Product, as the source writes it; an asterisk marks the variety that prevails.'),
            ('sipsa_data', 'product_name_normalised', 'The one name of the product in the reviewed tables of names; never part of a key.'),
            ('sipsa_data', 'market_name_normalised', 'The one name of the market in the reviewed tables of names; never part of a key.'),
            ('sipsa_data', 'city_name_normalised', 'The one name of the city in the reviewed tables of names; never part of a key.'),
            ('sipsa_data', 'min_price_cop', 'Least price, in COP per price_unit; null: not stated.'),
            ('sipsa_data', 'mean_price_cop', 'Mean price, in COP per price_unit.'),
            ('sipsa_data', 'max_price_cop', 'Greatest price, in COP per price_unit; null: not stated.'),
            ('sipsa_data', 'price_unit', 'What the prices are for: kg, unit (eggs), litre (oil, juice, vinegar), tonne.'),
            ('sipsa_data', 'supply_tonnes', 'What came to the market, in tonnes.'),
            ('sipsa_data', 'week_start_date', 'First calendar day of the week, of Bogotá, as stated; never shifted.'),
            ('sipsa_data', 'week_end_date', 'Last calendar day of the week, of Bogotá, as stated; never shifted.'),
            ('sipsa_data', 'month_start_date', 'First calendar day of the month, of Bogotá, as stated; never shifted.'),
            ('sipsa_data', 'published_at_utc', 'fechaCreacion: when DANE made the record; null where the answer has none.'),
            ('sipsa_data', 'record_id', 'DANE''s number of the record; null where the answer has none.'),
            ('sipsa_data', 'dataset', 'Where the prices are from, as in food_prices.'),
            ('sipsa_data', 'seen_from_utc', 'When these amounts were first loaded.'),
            ('sipsa_data', 'kind', 'What the name is of: product, market or city.'),
            ('sipsa_data', 'name', 'The source''s own text.'),
            ('sipsa_data', 'canonical', 'The source''s own text, tidied.'),
            ('sipsa_data', 'first_seen_utc', 'When a load had the name first.'),
            ('sipsa_data', 'last_seen_utc', 'When a load had the name last.'),
            ('sipsa_data', 'load_id', 'The load (ops.loads) that wrote the row as it is.'),
            ('ops', 'load_id', 'The load (ops.loads) that it belongs to.'),
            ('market_data', 'symbol', 'Trading pair as Binance spells it, such as BTCUSDT.'),
            ('market_data', 'interval', 'Length of a candle as Binance spells it, such as 1h.'),
            ('market_data', 'horizon_bars', 'How many candles ahead is forecast.'),
            ('market_data', 'window_days', 'Length of the window before the look, in days.'),
            ('market_data', 'model_name', 'The registered model in MLflow.'),
            ('market_data', 'model_version', 'Its version in MLflow''s registry.'),
            ('market_data', 'run_id', 'The MLflow run that trained it.'),
            ('market_data', 'prediction_id', 'Made from the model and the candles: the same prediction has the same id.'),
            ('market_data', 'monitoring_run_id', 'Number of the look at the champion (market_data.monitoring_runs).')
        ) as shared (schema_name, column_name, meaning)
        join pg_namespace as n on n.nspname = shared.schema_name
        join pg_class as c on c.relnamespace = n.oid and c.relkind in ('r', 'v') and c.relname !~ '_(staging|revisions)$'
        join pg_attribute as a on a.attrelid = c.oid and a.attname = shared.column_name and not a.attisdropped
        where col_description(c.oid, a.attnum) is null
    loop
        execute this.statement;
    end loop;

    -- Staging and revisions mean what their table means, and each has a column of its own.
    for this in
        select format('comment on column sipsa_data.%I.%I is %L', copy.relname, copied.attname,
            case copied.attname
                when 'position' then 'Place of the item in the raw answer, from 1.'
                when 'seen_until_utc' then 'When a load replaced these amounts.'
                else col_description(own.oid, named.attnum)
            end) as statement
        from pg_class as copy
        join pg_attribute as copied on copied.attrelid = copy.oid and copied.attnum > 0 and not copied.attisdropped
        left join pg_class as own
            on own.relnamespace = copy.relnamespace and own.relname = regexp_replace(copy.relname, '_(staging|revisions)$', '')
        left join pg_attribute as named on named.attrelid = own.oid and named.attname = copied.attname
        where copy.relnamespace = 'sipsa_data'::regnamespace and copy.relkind = 'r' and copy.relname ~ '_(staging|revisions)$'
    loop
        execute this.statement;
    end loop;
end
$$;
