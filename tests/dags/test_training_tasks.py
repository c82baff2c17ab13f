"""Whether a person is asked before a version is served: only where that was chosen, and there is something to ask."""

import pytest


@pytest.mark.parametrize(
    ("chosen", "passed", "next_task"),
    [(True, True, "approve"), (True, False, "promote"), (False, True, "promote"), (False, False, "promote")],
)
def test_a_person_is_asked_about_a_version_that_passed_where_that_was_chosen(
    chosen: bool, passed: bool, next_task: str
) -> None:
    from mercado_airflow.bitcoin_training import ask

    assert ask({"promote": passed}, {"approval": chosen}) == next_task
