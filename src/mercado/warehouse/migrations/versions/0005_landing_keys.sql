-- A workbook brings one day: with the day first in the key, its rows are neighbours in the index, and the index serves
-- whoever asks for a day. With the day last, each row of a workbook touched a page of its own.

drop index sipsa_data.mayoristas_prices_by_day;
alter table sipsa_data.mayoristas_prices
    drop constraint mayoristas_prices_pkey,
    add primary key (report_date, product_name, market_name);

drop index sipsa_data.mayoristas_prices_weekly_by_week;
alter table sipsa_data.mayoristas_prices_weekly
    drop constraint mayoristas_prices_weekly_pkey,
    add primary key (week_start_date, product_group, product_name, market_name);

drop index sipsa_data.mayoristas_supply_weekly_by_week;
alter table sipsa_data.mayoristas_supply_weekly
    drop constraint mayoristas_supply_weekly_pkey,
    add primary key (week_start_date, product_group, market_name);

drop index sipsa_data.mayoristas_rice_monthly_by_month;
alter table sipsa_data.mayoristas_rice_monthly
    drop constraint mayoristas_rice_monthly_pkey,
    add primary key (month_start_date, product_name, municipality_name);
