"""One browser and one platform for all tests of this folder: empty at first, then with what the demo's DAGs bring."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import running_chromium
from tests.browser.contents import add_what_the_demo_lacks
from tests.browser.platforms import empty_platform
from tests.browser.visiting import Visitor
from tests.demo import Demo

# Starting the platform, and running its DAGs, happen within the first test that needs it.
LONGEST_SECONDS = 900
# Without a platform, then an empty one, then everything else.
RANKS = {"test_harness.py": 0, "test_empty_platform.py": 1}
SCREENSHOTS = Path(__file__).parents[2] / ".browser"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a developer look at a demo that runs already."""
    parser.addoption("--demo", type=Path, help="State folder of a running demo, in place of one made for the tests.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of this folder into their order, with time enough for the platform."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    tests = sorted((items[place] for place in places), key=lambda item: RANKS.get(item.path.name, 2))
    for place, item in zip(places, tests, strict=True):
        items[place] = item
        item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder of the run's screenshots, without those of the run before."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir()
    return SCREENSHOTS


@pytest.fixture
def visitor(browser: Browser, screenshots: Path, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Yield what opens watched pages; afterwards each is kept as a screenshot, and must have had no fault."""
    name = re.sub(r"[^a-z0-9-]+", "-", request.node.name.removeprefix("test_")).strip("-")
    visitor = Visitor(browser)
    yield visitor
    visitor.photograph(screenshots, name)
    visitor.close()
    assert visitor.problems() == []


@pytest.fixture(scope="session")
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Yield a platform that nothing was loaded into, or the demo that was named."""
    if state := request.config.getoption("--demo"):
        yield Demo(state.resolve(), {})
        return
    with empty_platform(tmp_path_factory.mktemp("browser") / "demo") as demo:
        yield demo


@pytest.fixture(scope="session")
def demo(platform: Demo, request: pytest.FixtureRequest) -> Demo:
    """Return the platform after a demo, with a refused file and with revised prices as well."""
    if not request.config.getoption("--demo"):
        finished = platform.run("up")
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
    add_what_the_demo_lacks(platform)
    return platform


@pytest.fixture(scope="session")
def address(demo: Demo) -> str:
    """Return the address of the API after a demo."""
    return f"http://127.0.0.1:{demo.platform.ports.api}"
