-- Add one raw answer to a load. Grain of ops.load_answers: (load_id, answer_number).
-- Runs in the transaction that merges the answer, so an answer is counted exactly when its rows are there.
with counted as (
    update ops.loads
    set answer_count = answer_count + 1,
        byte_count = byte_count + %(byte_count)s,
        rows_read = rows_read + %(rows_read)s
    where load_id = %(load_id)s
    returning load_id, answer_count
)
insert into ops.load_answers (load_id, answer_number, url, sha256, byte_count, rows_read)
select load_id, answer_count, %(url)s, %(sha256)s, %(byte_count)s, %(rows_read)s
from counted;
