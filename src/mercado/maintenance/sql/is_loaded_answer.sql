-- Whether a raw answer was loaded. Grain: one row, or none.
select 1
from ops.load_answers
join ops.loads using (load_id)
where sha256 = %(sha256)s and status = 'succeeded'
limit 1
