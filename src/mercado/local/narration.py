"""How a demo tells what it does: numbered stages, a line per task, a spinner on a terminal, and a table at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mercado.errors import MercadoError
from mercado.local.stages import StageText
from mercado.tables import add_row, print_table, table

FAILED = "FAILED"


@dataclass
class Stage:
    """A stage under way, or done.

    Attributes:
        title: What it does.
        result: What came of it, with counts.
        where: Where a person sees that: an address or a folder.
        seconds: How long it took.
    """

    title: str
    result: str = ""
    where: str = ""
    seconds: float = 0.0


class Narrator:
    """Tells a demo's stages on a console; on something that is no terminal only by plain lines.

    Args:
        console: Where to.
        stage_count: How many stages there will be.
    """

    def __init__(self, console: Console, *, stage_count: int) -> None:
        self._console = console
        self._stage_count = stage_count
        self._stages: list[Stage] = []
        # Only ASCII: a terminal that shows nothing else has a spinner, too.
        columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._spinner = self._progress.add_task("", visible=False, total=None)

    def say(self, text: str) -> None:
        """Print one line."""
        self._console.print(text, markup=False)

    @contextmanager
    def stage(self, text: StageText) -> Iterator[Stage]:
        """Announce a stage, run it under a spinner, and tell its result, its time and where to look.

        A failure is told with the stages before it, and raised on.
        """
        stage = Stage(text.title)
        self._stages.append(stage)
        dag = f": {text.dag_id}" if text.dag_id else ""
        self._console.print(
            f"\n[{len(self._stages)}/{self._stage_count}] {text.title}{dag}", markup=False, style="bold"
        )
        self.say(f"  What it shows: {text.shows}")
        started = time.monotonic()
        try:
            with self._progress:
                self._progress.reset(self._spinner, description=text.title, visible=True)
                yield stage
        except MercadoError:
            stage.result = FAILED
            self._console.print(f"  {FAILED} after {time.monotonic() - started:.0f} s", style="bold red")
            raise
        finally:
            stage.seconds = time.monotonic() - started
        self._console.print(f"  Result: {stage.result} ({stage.seconds:.0f} s)", markup=False, style="green")
        self.say(f"  Where to look: {stage.where}")

    def doing(self, what: str) -> None:
        """Show beside the spinner what is being done now."""
        self._progress.update(self._spinner, description=what)

    def summarise(self) -> None:
        """Print the table of the stages so far."""
        summary = table("#", "stage", "result", "time", "where to look", right=("#", "time"), title="What happened")
        for number, stage in enumerate(self._stages, start=1):
            add_row(summary, str(number), stage.title, stage.result, f"{stage.seconds:.0f} s", stage.where)
        self.say("")
        print_table(self._console, summary)
