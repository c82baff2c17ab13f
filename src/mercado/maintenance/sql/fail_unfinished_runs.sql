-- End the runs of Airflow that were under way when the backup was made. Grain: one run, and its tasks.
-- Nobody works on them any more: left as they are, the scheduler would begin their tasks once more, weeks later perhaps,
-- and among them the backup itself. Idempotent: afterwards no run is under way.
with ended_tasks as (
    update task_instance as task
    set state = 'failed', end_date = now(), trigger_id = null
    from dag_run as run
    where run.dag_id = task.dag_id and run.run_id = task.run_id and run.state in ('queued', 'running')
      and task.state not in ('success', 'failed', 'skipped', 'upstream_failed', 'removed')
),
ended_runs as (
    update dag_run
    set state = 'failed', end_date = now()
    where state in ('queued', 'running')
    returning id
)
insert into dag_run_note (dag_run_id, content, created_at, updated_at)
select id, 'Under way when the backup was made that this platform was restored from: start it again if it is still wanted.',
    now(), now()
from ended_runs
on conflict (dag_run_id) do update set content = excluded.content, updated_at = excluded.updated_at
