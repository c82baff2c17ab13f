-- Mark loads whose process died as abandoned. Grain of ops.loads: load_id.
-- Idempotent. A running load's session holds the lock of its source and scope; that of a dead one can be had, and is
-- given back when this statement ends.
with left_running as materialized (
    select load_id, source, scope
    from ops.loads
    where status = 'running' and source = %(source)s
)
update ops.loads
set status = 'abandoned', finished_at_utc = clock_timestamp()
from left_running
where ops.loads.load_id = left_running.load_id
    and ops.loads.status = 'running'
    and pg_try_advisory_xact_lock(hashtextextended(left_running.source || ' ' || left_running.scope, 0))
