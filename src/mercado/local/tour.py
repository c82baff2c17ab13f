"""A tour of a running demo: the five things worth seeing, each with what it shows and what to open or type."""

import shlex
from pathlib import Path
from typing import NamedTuple

from dotenv import dotenv_values

from mercado.local import places
from mercado.local.access import KEY_HEADER
from mercado.local.platform import Platform
from mercado.local.report import login_lines, prediction_summary
from mercado.local.stages import TRAINING
from mercado.local.tour_facts import TourFacts

# Few enough that a training by hand takes about half a minute.
TRIALS = 2
SEED = 11
# Less than a daily workbook has: what a copy that was broken off leaves.
BROKEN_BYTES = 9_000


class Sight(NamedTuple):
    """One thing worth seeing.

    Attributes:
        title: What it is.
        shows: What a person learns from it.
        steps: What to do, each with a word for it.
    """

    title: str
    shows: str
    steps: tuple[tuple[str, str], ...]


def sights(facts: TourFacts) -> tuple[Sight, ...]:
    """Return the five things worth seeing, with the addresses and commands of the demo that runs."""
    return (
        _forecast_page(facts),
        _dag_by_hand(facts),
        _broken_workbook(facts),
        _two_trainings(facts),
        _passport(facts),
    )


def lines(facts: TourFacts) -> list[str]:
    """Return the tour as lines for a terminal."""
    told = ["Five things worth seeing in the demo that runs. Every price in it is SIMULATED.", ""]
    for number, sight in enumerate(sights(facts), start=1):
        told += [f"{number}. {sight.title}", f"   What it shows: {sight.shows}."]
        told += [f"   {f'{label}:':<10} {text}" for label, text in sight.steps] + [""]
    return told + login_lines(facts.platform)


def _forecast_page(facts: TourFacts) -> Sight:
    platform, product = facts.platform, facts.product
    return Sight(
        "The web page: a forecast that says how good it is, and food prices by market",
        "the newest forecast with its interval, how often such forecasts came true, and prices with unit and source",
        (
            ("Open", places.page(platform, "forecast")),
            ("Now", prediction_summary(facts.prediction)),
            ("Open", f"{places.page(platform, 'prices')} and choose {product.name} ({product.market_count} markets)"),
            ("Or type", _mercado(platform, "prices", "compare", product.name)),
        ),
    )


def _dag_by_hand(facts: TourFacts) -> Sight:
    form = f"under Study: Trials {TRIALS}; under Judging: Seed {SEED}"
    return Sight(
        "A DAG started by hand, with parameters",
        "a training from a form; it ends with a verdict on the new version, which is served only if it is better",
        (
            ("Open", places.dag_page(facts.platform, TRAINING)),
            ("Click", f"Trigger, top right; in the form, {form}; then Trigger at its end"),
            ("Watch", "the new run turns green task by task, in about a minute; click it, then a task, for its log"),
            ("Result", f"{places.mlflow(facts.platform)}/#/models/{facts.prediction['model']['name']}"),
        ),
    )


def _broken_workbook(facts: TourFacts) -> Sight:
    platform = facts.platform
    name = f"broken-{facts.workbook.name}"
    source, dropped = _typed(facts.workbook), _typed(platform.data / "landing_zone" / name)
    report = _typed(platform.data / "quarantine" / f"{name}.report.md")
    earlier = (("Earlier", f"one cell was left out of a good workbook: {facts.rejected}"),) if facts.rejected else ()
    return Sight(
        "A workbook that is broken, dropped into the landing folder",
        "it is noticed by itself, refused as a whole, and kept with a report that says why and what to do",
        (
            ("Type", f"head -c {BROKEN_BYTES} {source} > {dropped}"),
            ("Then", f"cat {report}   (after some ten seconds)"),
            ("Open", f"{places.page(platform, 'health')} for the same beside all that was left out"),
            *earlier,
        ),
    )


def _two_trainings(facts: TourFacts) -> Sight:
    newest = facts.trainings[0]
    report = places.training_page(
        facts.platform, experiment_id=newest.experiment_id, run_id=newest.run_id, artifact=places.REPORT
    )
    if len(facts.trainings) == 1:
        compare = "there is one training so far: do 2., then `make demo-tour` has the address of the comparison"
    else:
        run_ids = [training.run_id for training in facts.trainings[:2]]
        compare = places.comparison_page(facts.platform, experiment_id=newest.experiment_id, run_ids=run_ids)
    return Sight(
        "Two trainings compared in MLflow",
        "what each was given, how it did on candles that nothing was tuned on, and why it is served or not",
        (
            ("Open", report),
            ("About", f"the newest training's report: version {newest.version}, {newest.verdict}"),
            ("Compare", compare),
        ),
    )


def _passport(facts: TourFacts) -> Sight:
    platform = facts.platform
    prediction_id = facts.prediction["prediction_id"]
    address = f"http://localhost:{platform.ports.api}/predictions/{prediction_id}"
    again = (
        (
            ("Check", f"curl -s {facts.answer.url} | sha256sum"),
            ("Must be", f"{facts.answer.sha256}, as the passport says of this answer of the exchange"),
        )
        if facts.answer
        else ()
    )
    header = f'-H "{KEY_HEADER}: $MERCADO_API_KEY" ' if platform.authenticates else ""
    return Sight(
        "One prediction followed back to the raw answers",
        "model, training data, every candle it was made from, and address and sha256 of each answer that brought them",
        (("Type", f"curl -s {header}{address} | python3 -m json.tool"), *again),
    )


def _mercado(platform: Platform, *arguments: str) -> str:
    """Return a command line of ``mercado`` that works on this platform, as typed in the checkout."""
    stated = dotenv_values(platform.settings_file).get("POSTGRES_PORT")
    port = str(platform.ports.postgres)
    settings = f"MERCADO_ENV_FILE={_typed(platform.settings_file)}" + (
        "" if stated == port else f" POSTGRES_PORT={port}"
    )
    return f"{settings} .venv/bin/mercado {shlex.join(arguments)}"


def _typed(path: Path) -> str:
    return shlex.quote(places.readable(path))
