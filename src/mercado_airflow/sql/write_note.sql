-- Write a task's note, in Markdown, unless a person wrote or edited the one that is there.
-- Grain: one note per task instance (`ti_id`). Found by the names of the task and not by its id, which Airflow changes
-- when it tries a task again; the note then follows by the foreign key's `on update cascade`.
-- Idempotent: the same note again changes its `updated_at` only.
insert into task_instance_note as kept (ti_id, user_id, content, created_at, updated_at)
select id, %(author)s, %(content)s, now(), now()
from task_instance
where dag_id = %(dag_id)s and run_id = %(run_id)s and task_id = %(task_id)s and map_index = %(map_index)s
on conflict (ti_id) do update
set content = excluded.content, updated_at = excluded.updated_at
where kept.user_id = excluded.user_id
