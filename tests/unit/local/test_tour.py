"""The tour of a demo: what it lists, from what the demo holds."""

from dataclasses import replace
from pathlib import Path

import pytest
from dotenv import dotenv_values

from mercado.environment import AUTH_SECRETS, REQUIRED_SECRETS, fresh_values
from mercado.local.platform import EXAMPLE, Platform
from mercado.local.tour import lines, sights
from mercado.local.tour_facts import Product, RawAnswer, TourFacts, Training

PREDICTION = {
    "prediction_id": "0f5c8d1e-6a4b-5a87-9f5e-3d5a0a8a1b2c",
    "direction": "up",
    "probability_up": 0.6,
    "forecast_price": 101.0,
    "price_interval": {"lower_price": 99.0, "upper_price": 103.0},
    "model": {"name": "bitcoin-forecaster", "version": 2},
}
NEW, OLD = Training(2, "rejected", "b" * 32, "1"), Training(1, "promoted", "a" * 32, "1")


@pytest.fixture
def facts(tmp_path: Path) -> TourFacts:
    example = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    platform = Platform("demo", tmp_path, example | fresh_values() | {"API_PORT": "8123", "AIRFLOW_PORT": "8124"})
    workbook = platform.data / "archive" / "2026" / "11" / "anex-SIPSADiario-24nov2026.xlsx"
    return TourFacts(
        platform, PREDICTION, Product("Plátano hartón", 24), [NEW, OLD], workbook, rejected="", answer=None
    )


def test_it_lists_five_sights_by_number(facts: TourFacts) -> None:
    told = lines(facts)
    assert [line[0] for line in told if line[:2] in ("1.", "2.", "3.", "4.", "5.")] == list("12345")
    assert len(sights(facts)) == 5


def test_every_address_is_one_of_the_ports_that_the_demo_runs_on(facts: TourFacts) -> None:
    ports = facts.platform.ports
    addresses = [word for line in lines(facts) for word in line.split() if word.startswith("http://")]
    assert {int(address.split("/")[2].split(":")[1]) for address in addresses} == {
        ports.airflow,
        ports.api,
        ports.mlflow,
    }


def test_no_line_tells_a_secret(facts: TourFacts) -> None:
    with_auth = replace(facts, platform=replace(facts.platform, values=facts.platform.values | {"MERCADO_AUTH": "on"}))
    told = "\n".join(lines(facts) + lines(with_auth))
    assert [name for name in (*REQUIRED_SECRETS, *AUTH_SECRETS) if facts.platform.values[name] in told] == []
    assert '-H "X-API-Key: $MERCADO_API_KEY"' in told


def test_two_trainings_are_compared_and_one_says_how_to_make_another(facts: TourFacts) -> None:
    both = "\n".join(lines(facts))
    assert f"runs=%5B%22{NEW.run_id}%22%2C%20%22{OLD.run_id}%22%5D&experiments=%5B%221%22%5D" in both
    one = "\n".join(lines(replace(facts, trainings=[OLD])))
    assert "compare-runs" not in one
    assert "one training so far: do 2." in one


def test_a_cell_that_was_left_out_is_told_when_there_is_one(facts: TourFacts) -> None:
    assert "left out of a good" not in "\n".join(lines(facts))
    assert "left out of a good workbook: 1850 in 1.8!D37" in "\n".join(
        lines(replace(facts, rejected="1850 in 1.8!D37"))
    )


def test_the_bytes_of_an_answer_can_be_asked_for_again_and_compared(facts: TourFacts) -> None:
    archive = "http://localhost:8900/archive/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2026-10.zip"
    told = "\n".join(lines(replace(facts, answer=RawAnswer(archive, "c" * 64))))
    assert f"curl -s {archive} | sha256sum" in told
    assert f"Must be:   {'c' * 64}," in told
    assert "sha256sum" not in "\n".join(lines(facts))
