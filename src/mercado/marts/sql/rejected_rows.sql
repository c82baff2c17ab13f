-- Rejected rows with the load that left them out. Grain: load_id, place.
select load_id, loads.source, loads.scope, place, rule, raw_text, loads.started_at_utc
from ops.rejected_rows
join ops.loads using (load_id)
where {filters} and {after}
order by {order}
limit {limit}
