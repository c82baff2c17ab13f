create schema if not exists sipsa_data;

create table ops.rejected_rows (
    load_id bigint not null references ops.loads (load_id),
    place text not null,
    rule text not null,
    raw_text text not null,
    primary key (load_id, place)
);
comment on table ops.rejected_rows is 'Rows of a source that break a rule, one rule each; the rest of their load went on.';
comment on column ops.rejected_rows.place is 'Where in the source: the position of an item, or file, sheet and cell.';
comment on column ops.rejected_rows.rule is 'The rule broken, with what was expected.';
comment on column ops.rejected_rows.raw_text is 'The row as it came.';

-- Columns that every table below ends with:
--   seen_from_utc  when this version of the row's amounts was first loaded
--   load_id        the load (ops.loads) that wrote the row as it is; no foreign key, which would be checked row by row

create table sipsa_data.sipsa_prices (
    product_code bigint not null,
    city_name text not null,
    capture_date date not null,
    product_name text not null,
    average_price_cop_per_kg numeric not null check (average_price_cop_per_kg > 0),
    price_unit text not null check (price_unit = 'kg'),
    reg_id bigint,
    published_at_utc timestamptz,
    city_code char(5) check (city_code ~ '^[0-9]{5}$'),
    city_name_normalised text not null,
    product_name_normalised text not null,
    seen_from_utc timestamptz not null,
    load_id bigint not null,
    primary key (product_code, city_name, capture_date)
);
comment on table sipsa_data.sipsa_prices is
    'Average wholesale price of a product in a city on a day (promediosSipsaCiudad). Grain: product, city, day.';
comment on column sipsa_data.sipsa_prices.capture_date is 'Calendar day of Bogotá, as stated; never shifted.';
comment on column sipsa_data.sipsa_prices.city_name is 'The source''s own text; spellings of one city are rows of their own.';
comment on column sipsa_data.sipsa_prices.city_code is 'DIVIPOLA code of the municipality, where the name is known.';
comment on column sipsa_data.sipsa_prices.published_at_utc is 'When DANE made the record.';

create table sipsa_data.sipsa_market_prices_daily (
    municipality_code char(5) not null check (municipality_code ~ '^[0-9]{5}$'),
    market_code bigint not null,
    collection_code bigint not null,
    product_number bigint not null,
    survey_date date not null,
    product_name text not null,
    department_name text,
    market_name text not null,
    municipality_name text,
    product_group text,
    min_price_cop numeric check (min_price_cop > 0),
    mean_price_cop numeric not null check (mean_price_cop > 0),
    max_price_cop numeric check (max_price_cop > 0),
    price_unit text not null check (price_unit in ('kg', 'unit', 'litre', 'tonne')),
    market_name_normalised text not null,
    product_name_normalised text not null,
    seen_from_utc timestamptz not null,
    load_id bigint not null,
    primary key (municipality_code, market_code, collection_code, product_number, survey_date),
    check (min_price_cop <= mean_price_cop),
    check (mean_price_cop <= max_price_cop)
);
comment on table sipsa_data.sipsa_market_prices_daily is
    'Prices of a product in a market on a survey day (promediosSipsaParcial). Grain: municipality, market, collection, product, day.';
comment on column sipsa_data.sipsa_market_prices_daily.product_number is 'idArtiSemana: the product within its collection.';
comment on column sipsa_data.sipsa_market_prices_daily.price_unit is 'What the prices are for: kg, unit (eggs), litre (oil, juice, vinegar), tonne.';

create table sipsa_data.sipsa_market_prices_weekly (
    product_code bigint not null,
    market_code bigint not null,
    week_start_date date not null,
    product_name text not null,
    market_name text not null,
    collection_code bigint,
    min_price_cop numeric check (min_price_cop > 0),
    mean_price_cop numeric not null check (mean_price_cop > 0),
    max_price_cop numeric check (max_price_cop > 0),
    price_unit text not null check (price_unit in ('kg', 'unit', 'litre', 'tonne')),
    published_at_utc timestamptz,
    record_id bigint,
    market_name_normalised text not null,
    product_name_normalised text not null,
    seen_from_utc timestamptz not null,
    load_id bigint not null,
    primary key (product_code, market_code, week_start_date),
    check (min_price_cop <= mean_price_cop),
    check (mean_price_cop <= max_price_cop)
);
comment on table sipsa_data.sipsa_market_prices_weekly is
    'Prices of a product in a market in a week (promediosSipsaSemanaMadr). Grain: product, market, first day of the week.';

create table sipsa_data.sipsa_market_prices_monthly (
    product_code bigint not null,
    market_code bigint not null,
    month_start_date date not null,
    product_name text not null,
    market_name text not null,
    collection_code bigint,
    min_price_cop numeric check (min_price_cop > 0),
    mean_price_cop numeric not null check (mean_price_cop > 0),
    max_price_cop numeric check (max_price_cop > 0),
    price_unit text not null check (price_unit in ('kg', 'unit', 'litre', 'tonne')),
    published_at_utc timestamptz,
    record_id bigint,
    market_name_normalised text not null,
    product_name_normalised text not null,
    seen_from_utc timestamptz not null,
    load_id bigint not null,
    primary key (product_code, market_code, month_start_date),
    check (min_price_cop <= mean_price_cop),
    check (mean_price_cop <= max_price_cop)
);
comment on table sipsa_data.sipsa_market_prices_monthly is
    'Prices of a product in a market in a month (promediosSipsaMesMadr). Grain: product, market, month as the source dates it.';

create table sipsa_data.sipsa_supply_monthly (
    product_code bigint not null,
    market_code bigint not null,
    month_start_date date not null,
    product_name text not null,
    market_name text not null,
    collection_code bigint,
    supply_tonnes numeric not null check (supply_tonnes >= 0),
    published_at_utc timestamptz,
    record_id bigint,
    market_name_normalised text not null,
    product_name_normalised text not null,
    seen_from_utc timestamptz not null,
    load_id bigint not null,
    primary key (product_code, market_code, month_start_date)
);
comment on table sipsa_data.sipsa_supply_monthly is
    'Tonnes of a product that came to a market in a month (promedioAbasSipsaMesMadr). Grain: product, market, month.';

create table sipsa_data.sipsa_farm_inputs_monthly (
    municipality_code char(5) not null check (municipality_code ~ '^[0-9]{5}$'),
    input_name text not null,
    collection_type_code bigint not null,
    month_start_date date not null,
    department_name text,
    municipality_name text,
    average_price_cop numeric not null check (average_price_cop > 0),
    collection_type_name text,
    published_at_utc timestamptz,
    record_id bigint,
    seen_from_utc timestamptz not null,
    load_id bigint not null,
    primary key (municipality_code, input_name, collection_type_code, month_start_date)
);
comment on table sipsa_data.sipsa_farm_inputs_monthly is
    'Average price of a farm input, per presentation that its name states, in a municipality in a month (consultarInsumosSipsaMesMadr).';

-- Staging, revisions and "as known on" of each table, all alike.
do $$
declare
    production text;
    kept_columns text;
begin
    foreach production in array array[
        'sipsa_prices', 'sipsa_market_prices_daily', 'sipsa_market_prices_weekly', 'sipsa_market_prices_monthly',
        'sipsa_supply_monthly', 'sipsa_farm_inputs_monthly'
    ] loop
        select string_agg(quote_ident(column_name), ', ' order by ordinal_position) into kept_columns
        from information_schema.columns
        where table_schema = 'sipsa_data' and table_name = production;

        execute format('create unlogged table sipsa_data.%I (position bigint not null, like sipsa_data.%I)', production || '_staging', production);
        execute format('alter table sipsa_data.%I drop column seen_from_utc, drop column load_id', production || '_staging');
        execute format('comment on table sipsa_data.%I is %L', production || '_staging', 'The rows of the load under way; empty between loads.');

        execute format('create table sipsa_data.%I (like sipsa_data.%I, seen_until_utc timestamptz not null, check (seen_from_utc <= seen_until_utc))', production || '_revisions', production);
        execute format('comment on table sipsa_data.%I is %L', production || '_revisions', 'Earlier versions of rows whose amounts the source has changed, each with the time in which it was the known one.');

        execute format(
            'create function sipsa_data.%I(known_on timestamptz) returns setof sipsa_data.%I language sql stable as $f$
                select %s from sipsa_data.%I where seen_from_utc <= known_on
                union all
                select %s from sipsa_data.%I where seen_from_utc <= known_on and known_on < seen_until_utc
            $f$',
            production || '_as_known_on', production, kept_columns, production, kept_columns, production || '_revisions'
        );
        execute format('comment on function sipsa_data.%I is %L', production || '_as_known_on', 'The rows as they were known at an instant.');
    end loop;
end
$$;
create index sipsa_prices_by_day on sipsa_data.sipsa_prices (capture_date);
create index sipsa_market_prices_daily_by_day on sipsa_data.sipsa_market_prices_daily (survey_date);
