-- Columns that the four tables of prices and supply end with:
--   …_normalised   the name as the reviewed tables of names write it; it never takes part in a key
--   seen_from_utc  when this version of the row's amounts was first loaded
--   load_id        the load (ops.loads) that wrote the row as it is; no foreign key, which would be checked row by row
-- "< 'infinity'" keeps NaN out as well, which numeric sorts above everything.

create table sipsa_data.mayoristas_prices (
    product_name text not null,
    market_name text not null,
    report_date date not null,
    product_group text,
    price_cop numeric not null check (price_cop > 0 and price_cop < 'infinity'),
    price_unit text not null check (price_unit in ('kg', 'unit', 'litre', 'tonne')),
    variation_pct numeric check (variation_pct > '-infinity' and variation_pct < 'infinity'),
    product_name_normalised text not null,
    market_name_normalised text not null,
    seen_from_utc timestamptz not null default statement_timestamp(),
    load_id bigint not null,
    primary key (product_name, market_name, report_date)
);
comment on table sipsa_data.mayoristas_prices is
    'Average wholesale price of a product in a market on a day (DANE''s daily workbooks, in long form). Grain: product, market, day.';
comment on column sipsa_data.mayoristas_prices.product_name is 'As the workbook writes it; spellings of one product are rows of their own.';
comment on column sipsa_data.mayoristas_prices.report_date is 'Calendar day of Bogotá that the sheet states; the file''s name only is compared with it.';
comment on column sipsa_data.mayoristas_prices.price_unit is 'What the price is for: kg, unit (eggs), litre (oil, juice, vinegar), tonne.';
comment on column sipsa_data.mayoristas_prices.variation_pct is 'Change against the market''s price before, as the workbook states it, in per cent: 3 is 3 %.';
create index mayoristas_prices_by_day on sipsa_data.mayoristas_prices (report_date);

create table sipsa_data.mayoristas_prices_weekly (
    product_group text not null,
    product_name text not null,
    market_name text not null,
    week_start_date date not null,
    week_end_date date not null,
    min_price_cop numeric check (min_price_cop > 0 and min_price_cop < 'infinity'),
    max_price_cop numeric check (max_price_cop > 0 and max_price_cop < 'infinity'),
    mean_price_cop numeric not null check (mean_price_cop > 0 and mean_price_cop < 'infinity'),
    price_unit text not null check (price_unit in ('kg', 'unit', 'litre', 'tonne')),
    trend text check (trend in ('+', '++', '+++', '-', '--', '---', '=')),
    product_name_normalised text not null,
    market_name_normalised text not null,
    seen_from_utc timestamptz not null default statement_timestamp(),
    load_id bigint not null,
    primary key (product_group, product_name, market_name, week_start_date),
    check (week_start_date <= week_end_date),
    check (min_price_cop <= mean_price_cop),
    check (mean_price_cop <= max_price_cop),
    check (min_price_cop <= max_price_cop)
);
comment on table sipsa_data.mayoristas_prices_weekly is
    'Wholesale prices of a product in a market in a week (DANE''s weekly workbooks). Grain: group, product, market, first day of the week.';
comment on column sipsa_data.mayoristas_prices_weekly.product_group is 'The sheet''s group; DANE lists some products in two.';
comment on column sipsa_data.mayoristas_prices_weekly.week_start_date is 'First day that the sheet states: a Saturday, but where holidays cut the week.';
comment on column sipsa_data.mayoristas_prices_weekly.price_unit is 'What the prices are for: kg, unit (eggs), litre (oil, juice, vinegar), tonne.';
comment on column sipsa_data.mayoristas_prices_weekly.trend is
    'Against the week before: + ++ +++ up, - -- --- down, = unchanged, null not available. DANE has changed the thresholds.';
create index mayoristas_prices_weekly_by_week on sipsa_data.mayoristas_prices_weekly (week_start_date);

create table sipsa_data.mayoristas_supply_weekly (
    product_group text not null,
    market_name text not null,
    week_start_date date not null,
    week_end_date date not null,
    supply_tonnes numeric not null check (supply_tonnes >= 0 and supply_tonnes < 'infinity'),
    previous_supply_tonnes numeric check (previous_supply_tonnes >= 0 and previous_supply_tonnes < 'infinity'),
    variation_pct numeric check (variation_pct > '-infinity' and variation_pct < 'infinity'),
    market_name_normalised text not null,
    seen_from_utc timestamptz not null default statement_timestamp(),
    load_id bigint not null,
    primary key (product_group, market_name, week_start_date),
    check (week_start_date <= week_end_date)
);
comment on table sipsa_data.mayoristas_supply_weekly is
    'Tonnes of a group of products that came to a market in a week (supply sheet of the weekly workbooks). Grain: group, market, first day of the week.';
comment on column sipsa_data.mayoristas_supply_weekly.market_name is 'As written; some blocks add up several markets of a city.';
comment on column sipsa_data.mayoristas_supply_weekly.previous_supply_tonnes is 'Of the week before, as this workbook states it.';
comment on column sipsa_data.mayoristas_supply_weekly.variation_pct is 'Change against the week before, as the workbook states it, in per cent: 3 is 3 %.';
create index mayoristas_supply_weekly_by_week on sipsa_data.mayoristas_supply_weekly (week_start_date);

create table sipsa_data.mayoristas_rice_monthly (
    product_name text not null,
    municipality_name text not null,
    month_start_date date not null check (extract(day from month_start_date) = 1),
    min_price_cop_per_tonne numeric check (min_price_cop_per_tonne > 0 and min_price_cop_per_tonne < 'infinity'),
    max_price_cop_per_tonne numeric check (max_price_cop_per_tonne > 0 and max_price_cop_per_tonne < 'infinity'),
    mean_price_cop_per_tonne numeric not null check (mean_price_cop_per_tonne > 0 and mean_price_cop_per_tonne < 'infinity'),
    trend text check (trend in ('+', '++', '+++', '-', '--', '---', '=')),
    product_name_normalised text not null,
    municipality_code char(5) check (municipality_code ~ '^[0-9]{5}$'),
    seen_from_utc timestamptz not null default statement_timestamp(),
    load_id bigint not null,
    primary key (product_name, municipality_name, month_start_date),
    check (min_price_cop_per_tonne <= mean_price_cop_per_tonne),
    check (mean_price_cop_per_tonne <= max_price_cop_per_tonne),
    check (min_price_cop_per_tonne <= max_price_cop_per_tonne)
);
comment on table sipsa_data.mayoristas_rice_monthly is
    'Prices of rice at the mill in a municipality in a month (rice sheet of the weekly workbooks). Grain: product, municipality, month.';
comment on column sipsa_data.mayoristas_rice_monthly.municipality_code is 'DIVIPOLA code of the municipality, where the name is known.';
create index mayoristas_rice_monthly_by_month on sipsa_data.mayoristas_rice_monthly (month_start_date);

-- Revisions and "as known on" of each table, all alike. Staging is a temporary table of each load.
do $$
declare
    production text;
    kept_columns text;
begin
    foreach production in array array[
        'mayoristas_prices', 'mayoristas_prices_weekly', 'mayoristas_supply_weekly', 'mayoristas_rice_monthly'
    ] loop
        select string_agg(quote_ident(column_name), ', ' order by ordinal_position) into kept_columns
        from information_schema.columns
        where table_schema = 'sipsa_data' and table_name = production;

        execute format('create table sipsa_data.%I (like sipsa_data.%I, seen_until_utc timestamptz not null, check (seen_from_utc <= seen_until_utc))', production || '_revisions', production);
        execute format('comment on table sipsa_data.%I is %L', production || '_revisions', 'Earlier versions of rows whose amounts a later workbook has changed, each with the time in which it was the known one.');

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

create table sipsa_data.file_ingestion_log (
    file_sha256 text primary key check (file_sha256 ~ '^[0-9a-f]{64}$'),
    file_names text[] not null check (cardinality(file_names) >= 1),
    byte_count bigint not null check (byte_count >= 0),
    layout text check (layout in ('daily', 'weekly')),
    report_date date,
    last_day date,
    status text not null check (status in ('loaded', 'refused')),
    rows_read bigint not null default 0 check (rows_read >= 0),
    rows_inserted bigint not null default 0 check (rows_inserted >= 0),
    rows_updated bigint not null default 0 check (rows_updated >= 0),
    rows_unchanged bigint not null default 0 check (rows_unchanged >= 0),
    rows_rejected bigint not null default 0 check (rows_rejected >= 0),
    notes text[] not null default '{}',
    error text,
    kept_at text,
    load_id bigint not null,
    attempts integer not null default 1 check (attempts >= 1),
    first_seen_utc timestamptz not null default statement_timestamp(),
    last_seen_utc timestamptz not null default statement_timestamp(),
    finished_at_utc timestamptz not null default statement_timestamp(),
    check (status <> 'refused' or error is not null),
    check (status <> 'loaded' or (layout is not null and report_date is not null and last_day is not null)),
    check (report_date <= last_day)
);
create index file_ingestion_log_by_day on sipsa_data.file_ingestion_log (report_date);
comment on table sipsa_data.file_ingestion_log is
    'What became of every workbook dropped into the landing zone. Grain: the file''s content, by its digest.';
comment on column sipsa_data.file_ingestion_log.file_sha256 is 'SHA-256 of the file''s bytes, in hexadecimal.';
comment on column sipsa_data.file_ingestion_log.file_names is 'Every name that the content was seen under, the latest last.';
comment on column sipsa_data.file_ingestion_log.byte_count is 'Size of the file, in bytes.';
comment on column sipsa_data.file_ingestion_log.layout is 'daily or weekly, recognised by content; null where none was.';
comment on column sipsa_data.file_ingestion_log.report_date is 'The day that the workbook is about; of a weekly one the first day.';
comment on column sipsa_data.file_ingestion_log.last_day is 'The last day of its week; of a daily one its day.';
comment on column sipsa_data.file_ingestion_log.status is
    'loaded: its rows are in the tables; refused: none of its rows are, see error and the report beside it in quarantine.';
comment on column sipsa_data.file_ingestion_log.rows_read is 'Long rows of all tables that the last load found, before any was rejected.';
comment on column sipsa_data.file_ingestion_log.rows_inserted is 'Rows that the last load inserted.';
comment on column sipsa_data.file_ingestion_log.rows_updated is 'Rows that the last load changed; earlier prices are in the revisions.';
comment on column sipsa_data.file_ingestion_log.rows_unchanged is 'Rows that were there already, equal.';
comment on column sipsa_data.file_ingestion_log.rows_rejected is 'Cells and rows left out, or that made it refused: ops.rejected_rows has them, by load_id.';
comment on column sipsa_data.file_ingestion_log.notes is 'What a person should know, such as a name that states another date.';
comment on column sipsa_data.file_ingestion_log.error is
    'Why it was refused; of a loaded file, why a later attempt to load it again was.';
comment on column sipsa_data.file_ingestion_log.kept_at is 'Where the file is now, relative to the data folder; null until it was moved.';
comment on column sipsa_data.file_ingestion_log.load_id is
    'The load (ops.loads) that the row tells of; no foreign key, since a load''s record is never deleted.';
comment on column sipsa_data.file_ingestion_log.attempts is 'How often it was read to be loaded; sights of a loaded content do not count.';
comment on column sipsa_data.file_ingestion_log.first_seen_utc is 'When the content was dropped first.';
comment on column sipsa_data.file_ingestion_log.last_seen_utc is 'When it was dropped, or loaded again, last.';
comment on column sipsa_data.file_ingestion_log.finished_at_utc is 'When the last attempt ended.';
