"""The platform in containers under faults: what breaks, what comes back by itself, and whether the data are the same.

`python -m tests.reliability` (part of `make test-faults`) starts a demo in containers, records what each DAG makes when
nothing disturbs it, then runs the table of `tests.reliability.cells` and writes ``docs/reliability.md``. What has been
recorded for the same code is not run again, so an interrupted run goes on where it ended.
"""
