-- What other roles may do; run by every `mercado migrate`, so a role that comes later gets its rights by running it again.
do $$
begin
    if exists (select from pg_roles where rolname = 'api_reader') then
        grant usage on schema market_data, ops to api_reader;
        grant select on market_data.klines, market_data.kline_gaps, ops.loads, ops.alembic_version to api_reader;
    else
        raise notice 'role api_reader is absent: its grants are skipped';
    end if;
end
$$;
