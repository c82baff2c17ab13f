-- Loads left as running by a process that died. Grain: load_id. Reads only: a running load's session holds the lock of
-- its source and scope; that of a dead one can be had, and is given back when this statement ends.
with left_running as materialized (
    select load_id, source, scope, started_at_utc
    from ops.loads
    where status = 'running'
)
select load_id, source, scope, started_at_utc
from left_running
where pg_try_advisory_xact_lock(hashtextextended(source || ' ' || scope, 0))
order by load_id
