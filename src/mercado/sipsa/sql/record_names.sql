-- Record which names a load has seen. Grain: kind, the source's text.
-- Idempotent: a name seen within the last hour, and shown as before, is neither rewritten nor locked. The others are
-- locked in one order, so that two loads at once never wait for each other for ever.
insert into sipsa_data.names as kept (kind, name, canonical, is_mapped)
select seen.kind, seen.name, seen.canonical, seen.is_mapped
from json_to_recordset(%(names)s) as seen (kind text, name text, canonical text, is_mapped boolean)
where not exists (
    select
    from sipsa_data.names as known
    where (known.kind, known.name, known.canonical, known.is_mapped)
        = (seen.kind, seen.name, seen.canonical, seen.is_mapped)
        and known.last_seen_utc >= statement_timestamp() - interval '1 hour'
)
order by seen.kind, seen.name
on conflict (kind, name) do update
set canonical = excluded.canonical, is_mapped = excluded.is_mapped, last_seen_utc = excluded.last_seen_utc
