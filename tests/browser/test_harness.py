"""The tests' own instruments find what they look for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.accessibility import violations
from tests.browser.pages import beyond_the_edge
from tests.browser.visiting import Visitor

FAULTS = {
    "<script>console.error('planted')</script>": "console: planted",
    "<script>null.planted</script>": "uncaught: TypeError",
    "<img src='http://127.0.0.1:9/planted.png' alt=''>": "no answer: GET http://127.0.0.1:9/planted.png",
}


@pytest.fixture
def careless(browser: Browser) -> Visitor:
    """Return a visitor whose pages may have faults."""
    return Visitor(browser)


@pytest.mark.parametrize(("markup", "problem"), FAULTS.items(), ids=["console", "uncaught", "unanswered"])
def test_a_fault_of_a_page_is_a_problem(careless: Visitor, markup: str, problem: str) -> None:
    page = careless.page()
    page.set_content(markup)
    page.wait_for_load_state("networkidle")
    assert [found for found in careless.problems() if found.startswith(problem)]
    careless.close()


def test_an_answer_of_404_is_a_problem_unless_it_is_expected(careless: Visitor) -> None:
    for expected in (False, True):
        page = careless.page()
        page.route("**/*", lambda route: route.fulfill(status=404 if "planted" in route.request.url else 200, body=""))
        page.goto("http://page.test/")
        if expected:
            careless.expect("/planted", 404)
        page.evaluate("fetch('/planted').then((answer) => answer.text())")
        page.wait_for_load_state("networkidle")
    unexpected, known = careless.watches
    assert [problem.split(":")[0] for problem in sorted(unexpected.problems)] == ["404", "console"]
    assert known.problems == []
    careless.close()


def test_an_element_that_breaks_a_rule_is_named_with_the_rule(visitor: Visitor) -> None:
    page = visitor.page()
    page.set_content("<html lang='en'><title>t</title><main><h1>h</h1><input id='planted'></main>")
    assert [line.split(":")[:2] for line in violations(page)] == [["label (critical)", " #planted"]]


def test_an_element_beyond_the_edge_is_named(visitor: Visitor) -> None:
    page = visitor.page(width=320)
    page.set_content("<body style='margin: 0'><p id='narrow' style='width: 320px'>n</p>")
    assert beyond_the_edge(page) == []
    page.set_content("<body style='margin: 0'><p id='wide' style='width: 330px'>w</p>")
    assert [line.split()[:2] for line in beyond_the_edge(page)] == [["P", "wide"]]


def test_without_a_chromium_one_line_names_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.browser.chromium"]
    environment = os.environ | {"PATH": str(tmp_path)}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    (line,) = finished.stderr.splitlines()
    assert "install the package `chromium`" in line
    assert "apt-get install chromium" in line
