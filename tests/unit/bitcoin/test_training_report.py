"""Promises of the report: one page that needs nothing else, says the truth first, and shows all that was measured."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from lxml import etree
from matplotlib.figure import Figure

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.certificate import Finding, LeakCertificate, certify
from mercado.bitcoin.comparison import LEAST_ROWS, Champion, Comparison
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.gate import judge
from mercado.bitcoin.metrics import DieboldMariano
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.report.charts import TrialResult
from mercado.bitcoin.report.page import ReportContent, charts, png, report_html
from mercado.bitcoin.report.words import NO_BETTER
from tests.unit.bitcoin.conftest import SMALL_PARAMS, SMALL_PLAN
from tests.unit.bitcoin.html_page import Page, read_page

CHARTS = (
    "skill_over_time",
    "calibration",
    "coverage_by_month",
    "residuals",
    "costs",
    "feature_importance",
    "study_history",
)
TRIALS = (
    TrialResult(0, "COMPLETE", 0.6921, 3.2, {"max_depth": 2, "eta": 0.03}),
    TrialResult(1, "PRUNED", 0.6999, 1.0, {"max_depth": 6, "eta": 0.1}),
    TrialResult(2, "FAIL", None, None, {}),
)


@pytest.fixture(scope="session")
def certificate(candles: CandleSeries) -> LeakCertificate:
    return certify(candles, seed=7, bars=3)


@pytest.fixture(scope="session")
def content(training_set: TrainingSet, evaluation: Evaluation, certificate: LeakCertificate) -> ReportContent:
    return ReportContent(
        title="bitcoin BTCUSDT 1h version 4",
        training_set_facts={"series": "BTCUSDT 1h", "rows": f"{len(training_set):,}", "sha256": training_set.digest},
        plan=SMALL_PLAN,
        params=SMALL_PARAMS,
        evaluation=evaluation,
        verdict=judge(evaluation, certificate),
        certificate=certificate,
        comparison=None,
        importance={"return_lag_0": 0.7, "hour_sin": 0.3},
        trials=TRIALS,
    )


@pytest.fixture(scope="session")
def figures(content: ReportContent) -> dict[str, Figure]:
    return charts(content)


@pytest.fixture(scope="session")
def read(content: ReportContent, figures: dict[str, Figure]) -> Page:
    return read_page(report_html(content, figures))


def _changed(content: ReportContent, **changes: object) -> Page:
    """Return the page of other content, without the charts, which are drawn slowly."""
    return read_page(report_html(replace(content, **changes), {}))


def _judged(content: ReportContent, evaluation: Evaluation) -> Page:
    verdict = judge(evaluation, content.certificate, content.comparison)
    return _changed(content, evaluation=evaluation, verdict=verdict)


def _champion(evaluation: Evaluation, rows: int) -> Comparison:
    champion = Champion(3, BoosterParams(), ("return_lag_0",), tuned_before_ms=0, age_days=12)
    times, losses = evaluation.walked.scored.open_time_ms[:rows], np.full(rows, 0.69)
    return Comparison(champion, times, losses, losses + 0.001, DieboldMariano(-3.0, 0.002))


def test_nothing_is_fetched_and_nothing_runs(read: Page) -> None:
    assert "http:" not in read.html
    assert "https:" not in read.html
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in read.tags}
    for _, attributes in read.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert all(
            str(attributes[name]).startswith(("data:image/svg+xml;", "#"))
            for name in ("src", "href")
            if name in attributes
        )
    assert "url(" not in read.html
    assert any("default-src 'none'" in str(meta.get("content")) for meta in read.of("meta"))


def test_images_are_drawings_without_anything_from_elsewhere(read: Page) -> None:
    for image in read.of("img"):
        drawing = etree.fromstring(base64.b64decode(str(image["src"]).partition(",")[2]))
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
        assert not list(drawing.iter("{*}script", "{*}image", "{*}foreignObject"))
        links = drawing.xpath("//@*[local-name()='href']")
        assert links
        assert all(link.startswith("#") for link in links)


def test_each_chart_is_there_with_its_title_and_how_to_read_it(read: Page, figures: dict[str, Figure]) -> None:
    assert tuple(figures) == CHARTS
    assert sorted(str(figure["id"]) for figure in read.of("figure")) == sorted(CHARTS)
    assert sorted(str(image["alt"]) for image in read.of("img")) == sorted(
        figure.get_suptitle() for figure in figures.values()
    )
    assert len(read.of("figcaption")) == len(CHARTS)


def test_the_table_of_contents_leads_to_every_section(read: Page) -> None:
    links = [str(link["href"]).removeprefix("#") for link in read.of("a")]
    assert links == [section["id"] for section in read.of("section")]
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_is_small_and_without_a_number_that_is_none(read: Page) -> None:
    assert len(read.html.encode()) < 1_500_000
    assert "nan" not in read.text.lower().replace("finance", "")
    assert "None" not in read.text
    assert "inf" not in read.text.split()


def test_every_rule_is_there_with_its_sentence(read: Page, content: ReportContent) -> None:
    for reason in content.verdict.reasons:
        assert f"{reason.name} ✓ met {reason.sentence}" in read.text


def test_every_measured_table_is_there(read: Page, content: ReportContent, evaluation: Evaluation) -> None:
    for name, scores in evaluation.naive_direction.items():
        low, high = scores.hit_rate_low * 100, scores.hit_rate_high * 100
        row = (
            f"{name} {scores.hit_rate * 100:.2f} % {low:.2f} % to {high:.2f} % {scores.log_loss:.5f} {scores.brier:.5f}"
        )
        assert row in read.text
    interval = evaluation.interval
    assert (
        f"model {interval.coverage * 100:.2f} % {interval.mean_width_bps:.1f} {interval.pinball_bps:.3f}" in read.text
    )
    for outcome in evaluation.outcomes:
        assert f"{outcome.cost_bps:g} {outcome.mean_bps:+.2f} {outcome.sharpe:+.2f}" in read.text
    for month in evaluation.months:
        assert f"{month.name} {month.rows} {month.hit_rate * 100:.1f} %" in read.text
    assert content.certificate.sentence in read.text
    assert content.training_set_facts["sha256"] in read.text
    assert "holdout_bars 3000" in read.text
    assert "max_depth 2" in read.text


def test_trials_are_listed_the_best_first_and_failures_named(read: Page) -> None:
    assert "0 complete 0.69210 3.2 0.03 2 1 pruned 0.69990 1.0 0.1 6 2 fail – – – –" in read.text
    assert "Failed: 2. Not ended: none." in read.text


def test_what_is_promoted_is_said_first_and_costs_are_not_hidden(read: Page, evaluation: Evaluation) -> None:
    assert read.text.partition("May be promoted")[0].count(" ") < 20
    assert NO_BETTER not in read.text
    assert "better than every naive forecast" in read.text
    usual = evaluation.outcomes[-1].total_log_return
    assert usual < 0
    assert (
        f"The signal does not survive usual fees: log return {evaluation.outcomes[0].total_log_return:+.2f}"
        in read.text
    )
    assert "neither a promise nor advice" in read.text


def test_a_refused_model_is_told_with_every_reason(content: ReportContent, evaluation: Evaluation) -> None:
    narrow = replace(evaluation, interval=replace(evaluation.interval, coverage=0.8))
    read = _judged(content, narrow)
    assert "Not promoted: the model does not meet 1 of 13 rules" in read.text
    assert "coverage_high_enough ✗ not met" in read.text
    assert read.text.count("0.8 is not at least 0.87") == 2
    assert [div["class"] for div in read.of("div") if "result" in str(div.get("class"))] == ["result"]


def test_a_figure_that_is_no_number_is_said_to_be_missing(content: ReportContent, evaluation: Evaluation) -> None:
    odd = replace(evaluation, direction=replace(evaluation.direction, auc=float("nan")))
    text = _changed(content, evaluation=odd).text
    assert "n/a" in text
    assert "nan" not in text.lower()


def test_a_leak_is_told_at_the_top(content: ReportContent) -> None:
    finding = Finding("future", "rsi_14", 1_704_067_200_000, 0.5, 0.7)
    leaking = replace(content.certificate, passed=False, findings=(finding,))
    text = _changed(content, certificate=leaking, verdict=judge(content.evaluation, leaking)).text
    assert "Not promoted" in text.partition("Rules of the gate")[0]
    assert "No figure here can be trusted. A feature reads what it may not: rsi_14 of 2024-01-01" in text
    assert "finding 1 rsi_14 of 2024-01-01" in text


def test_champion_and_challenger_are_shown_where_they_were_compared(content: ReportContent) -> None:
    compared = replace(content, comparison=_champion(content.evaluation, 600))
    figures = charts(compared)
    assert "champion_against_challenger" in figures
    drawn = {"champion_against_challenger": figures["champion_against_challenger"]}
    page = read_page(report_html(compared, drawn))
    assert "On 600 bars that are new to champion 3, 12 days old, its log-loss is 0.00100 nats below" in page.text
    assert "challenger_log_loss 0.69" in page.text
    assert page.of("figure") == [{"id": "champion_against_challenger"}]


@pytest.mark.parametrize("rows", [0, LEAST_ROWS - 1])
def test_too_few_common_rows_are_told_and_not_drawn(content: ReportContent, rows: int) -> None:
    few = replace(content, comparison=_champion(content.evaluation, rows))
    assert "champion_against_challenger" not in charts(few)
    assert f"Only {rows} bars are new to champion 3" in read_page(report_html(few, {})).text


def test_hostile_text_stays_text(content: ReportContent) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}'
    reason = replace(content.verdict.reasons[0], name=attack, sentence=attack)
    hostile = _changed(
        content,
        title=attack,
        training_set_facts={attack: attack},
        verdict=replace(content.verdict, reasons=(reason,)),
        trials=[TrialResult(0, attack, None, None, {attack: 1.0})],
    )
    assert hostile.of("script") == []
    assert hostile.of("img") == []
    assert hostile.text.count(attack) >= 6


def test_a_png_is_one(figures: dict[str, Figure]) -> None:
    image = png(figures["costs"])
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(image) < 300_000


def test_a_figure_that_the_report_does_not_know_is_refused(content: ReportContent, figures: dict[str, Figure]) -> None:
    with pytest.raises(KeyError):
        report_html(content, {"unknown": figures["costs"]})
