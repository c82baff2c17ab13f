"""Whether a typed command ended and printed as the registry and every page with it say."""

import re
import subprocess
from typing import Final

from tests.documentation.registry import Run, documented
from tests.documentation.shapes import missing_lines

# What `timeout` ends with when it had to end a command.
ENDED: Final = 124
# An answer that is an error; curl itself ends well with it.
PROBLEM: Final = re.compile(r'"status": ?[45]\d\d')


def check(run: Run, finished: "subprocess.CompletedProcess[str]") -> None:
    """Fail unless it did."""
    everything = f"{finished.stdout}\n{finished.stderr}"
    assert finished.returncode == (ENDED if run.follows else run.exit), everything
    assert re.search(run.prints, everything), everything
    if run.command.startswith("curl "):
        assert not PROBLEM.search(finished.stdout), everything
    if run.follows:
        assert finished.stdout.strip()
    for place in documented().get(run.command, []):
        if place.output:
            missing = missing_lines(place.output, finished.stdout)
            assert missing == [], f"{place.place} shows {missing}, which is not in:\n{finished.stdout}"
