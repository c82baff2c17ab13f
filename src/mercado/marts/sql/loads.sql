-- Loads. Grain: load_id.
select
    load_id, source, scope, origin, status, answer_count, byte_count, rows_read, rows_inserted, rows_updated,
    rows_unchanged, rows_rejected, notes, error, started_at_utc, finished_at_utc
from ops.loads
where {filters} and {after}
order by {order}
limit {limit}
