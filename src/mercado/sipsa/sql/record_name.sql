-- Record that a load has seen a name. Grain: kind, the source's text. Idempotent but for the time of the last sight.
insert into sipsa_data.names (kind, name, canonical, is_mapped)
values (%(kind)s, %(name)s, %(canonical)s, %(is_mapped)s)
on conflict (kind, name) do update
set canonical = excluded.canonical, is_mapped = excluded.is_mapped, last_seen_utc = excluded.last_seen_utc
