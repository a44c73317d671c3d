"""Roundtables seat whom their format asks for, and speakers argue from figures, each sentence once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tradingops.company import models
from tradingops.company.first_data.affinities import AFFINITIES, LOW
from tradingops.company.first_data.agents import AGENTS
from tradingops.company.minds import drift, formats, speaking, turns
from tradingops.company.minds.speaking import Figure, Said, Stance

WELL = {
    "open_positions": Figure(1, "1 position", 3),
    "daily_pnl": Figure(12.5, "+12.50"),
    "drawdown": Figure(0.01, "1.0 %", 0.10),
    "exposure": Figure(0.10, "10 %", 1.0),
    "var_95": Figure(0.01, "1.0 %", 0.05),
    "slippage_bps": Figure(1.0, "1.0 bps", 10),
    "rejected_orders": Figure(0.0, "0 %", 0.2),
    "win_rate": Figure(0.58, "58 %"),
    "payoff": Figure(1.4, "1.4"),
    "best_signal": Figure(0.83, "0.83"),
    "signals_today": Figure(7, "7"),
    "failed_turns": Figure(0, "0", 0),
    "refused_plans": Figure(0.6, "60 %", 0.95),
}
ILL = {
    **WELL,
    "drawdown": Figure(0.14, "14 %", 0.10),
    "win_rate": Figure(0.31, "31 %"),
    "failed_turns": Figure(4, "4", 0),
}


def conversation(brief: dict[str, Figure], *, seed: int = 1, most: int = 16) -> list[Said]:
    dice, said = Random(seed), list[Said]()
    for _ in range(most):
        speaker = turns.next_speaker([each.speaker for each in said], AGENTS, affinities=AFFINITIES, dice=dice)
        told = speaking.speak(speaker, brief, said, dice=dice)
        if told:
            said.append(told)
    return said


@pytest.mark.parametrize("name", formats.FORMATS)
def test_each_format_seats_whom_it_requires_and_no_more_than_it_has_seats_for(name: str) -> None:
    form = formats.FORMATS[name]
    for seed in range(50):
        seated = formats.seated(form, affinities=AFFINITIES, dice=Random(seed))
        assert form.seats[0] <= len(seated) == len(set(seated)) <= form.seats[1]
        assert set(form.required) <= set(seated)
        assert form.turns[0] <= formats.length(form, Random(seed)) <= form.turns[1]


def test_a_debate_is_of_two_that_stand_tensely_to_each_other() -> None:
    for seed in range(20):
        seated = formats.seated(formats.FORMATS["debate"], affinities=AFFINITIES, dice=Random(seed))
        pair = tuple(sorted(seated[:2]))
        assert AFFINITIES[pair] < formats.TENSE  # type: ignore[index]
        assert pair in LOW


def test_formats_are_the_table_s_and_four_of_them_have_their_hour_every_day() -> None:
    assert set(formats.FORMATS) == set(models.Format.values)
    monday = datetime(2026, 1, 5, tzinfo=UTC)
    week = monday + timedelta(days=7)
    hours = {name: form.hour for name, form in formats.FORMATS.items()}
    held = {name: len(list(hour.since(monday, week))) if hour else 0 for name, hour in hours.items()}
    assert held == {
        **dict.fromkeys(("morning_standup", "position_review", "post_mortem", "watercooler"), 7),
        "debate": 0,
        "strategy_session": 1,
    }


@pytest.mark.parametrize("seed", range(10))
def test_no_sentence_is_said_twice_and_each_rests_on_a_figure_and_is_short(seed: int) -> None:
    said = conversation(WELL, seed=seed, most=60)
    texts = [each.text for each in said]
    assert len(set(texts)) == len(texts) > 15
    assert all(len(text) <= formats.MOST_LETTERS for text in texts)
    assert all(WELL[name].written in each.text for each in said for name in each.figures)


def test_agents_disagree_where_the_figures_do() -> None:
    assert speaking.stance("sage", WELL) is Stance.FOR
    assert speaking.stance("sage", ILL) is Stance.AGAINST
    assert speaking.stance("intel", ILL) is Stance.FOR
    kinds = [drift.exchange(each.text) for seed in range(10) for each in conversation(ILL, seed=seed)]
    assert "disagree" in kinds
    assert "agree" in kinds
    well = [drift.exchange(each.text) for seed in range(10) for each in conversation(WELL, seed=seed)]
    assert well.count("disagree") < kinds.count("disagree")


def test_the_same_dice_hold_the_same_conversation() -> None:
    assert conversation(ILL, seed=3) == conversation(ILL, seed=3)


def test_whoever_knows_no_figure_is_silent() -> None:
    assert conversation({}) == []
    assert speaking.stance("atlas", {}) is Stance.OPEN
