-- Note that a raw answer's file is gone. Grain of ops.load_answers: load_id, answer_number.
-- Idempotent: the first removal counts.
update ops.load_answers
set removed_at_utc = %(now)s
where sha256 = %(sha256)s and removed_at_utc is null
