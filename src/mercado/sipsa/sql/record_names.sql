-- Record which names of a kind a load has seen. Grain: kind, the source's text.
-- Idempotent: a name seen within the last hour, and shown as before, is not rewritten.
insert into sipsa_data.names as kept (kind, name, canonical, is_mapped)
select %(kind)s, seen.name, seen.canonical, seen.is_mapped
from unnest(%(names)s::text[], %(canonicals)s::text[], %(are_mapped)s::boolean[]) as seen (name, canonical, is_mapped)
on conflict (kind, name) do update
set canonical = excluded.canonical, is_mapped = excluded.is_mapped, last_seen_utc = excluded.last_seen_utc
where (kept.canonical, kept.is_mapped) is distinct from (excluded.canonical, excluded.is_mapped)
    or kept.last_seen_utc < excluded.last_seen_utc - interval '1 hour'
