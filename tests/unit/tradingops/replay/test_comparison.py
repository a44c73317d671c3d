"""Two runs side by side: what differs is told, what only one did is named."""

from __future__ import annotations

import json
from decimal import Decimal

from tests.unit.tradingops.replay import stories
from tradingops.replay import comparison, comparison_json, comparison_printed

BOTH = stories.a_trade("both", pnl="5")
GOOD, BAD = stories.a_trade("good", pnl="7", minute=20), stories.a_trade("bad", pnl="-3", minute=40)


def figure(compared: comparison.Comparison, group: str, name: str) -> comparison.Figure:
    (found,) = (each for each in compared.figures if (each.group, each.name) == (group, name))
    return found


def test_a_run_beside_itself_differs_in_nothing():
    compared = comparison.compare(stories.a_run(BOTH, GOOD), stories.a_run(BOTH, GOOD))
    assert {each.difference for each in compared.figures} <= {0, None}
    assert compared.flipped == 0
    assert "both entered the same" in comparison_printed.text(compared, names=("a", "b"))


def test_plans_entered_in_only_one_run_are_flipped_with_what_they_earned():
    compared = comparison.compare(stories.a_run(BOTH, GOOD), stories.a_run(BOTH, BAD))
    assert [each.plan_id for each in compared.only_first] == ["good"]
    assert [each.plan_id for each in compared.only_second] == ["bad"]
    assert (comparison.earned(compared.only_first), comparison.earned(compared.only_second)) == (7, -3)
    assert compared.flipped == 2


def test_runs_laid_the_other_way_round_differ_by_the_opposite():
    first, second = stories.a_run(BOTH, GOOD), stories.a_run(BOTH, BAD)
    there, back = comparison.compare(first, second), comparison.compare(second, first)
    turned = {(each.group, each.name): each.difference for each in back.figures}
    assert all(
        turned[each.group, each.name] == (None if each.difference is None else -each.difference)
        for each in there.figures
    )


def test_what_only_one_run_counts_is_nothing_in_the_other():
    vetoed = stories.a_decision("a", curator_decisions=[stories.a_hearing("risk_curator", "veto")])
    compared = comparison.compare(stories.a_run(BOTH), stories.a_run(BOTH, stories.a_signal("a"), vetoed))
    found = figure(compared, "vetoes", "dm risk_curator")
    assert (found.first, found.second, found.difference) == (0, 1, 1)


def test_figures_of_a_group_are_told_together():
    vetoed = stories.a_decision("a", curator_decisions=[stories.a_hearing("risk_curator", "veto")])
    compared = comparison.compare(stories.a_run(BOTH), stories.a_run(stories.a_signal("a"), vetoed))
    groups = [each.group for each in compared.figures]
    assert groups == sorted(groups, key=groups.index)


def test_a_ratio_of_nothing_has_no_difference():
    compared = comparison.compare(stories.a_run(), stories.a_run(BOTH))
    rate = figure(compared, "trades", "win_rate")
    assert (rate.first, rate.second, rate.difference) == (None, 1.0, None)


def test_a_comparison_survives_json_with_money_as_text():
    compared = comparison.compare(stories.a_run(BOTH), stories.a_run(BOTH, BAD))
    told = json.loads(json.dumps(comparison_json.to_json(compared)))
    assert told["figures"]["calibration"]["closed: outcomes"]["difference"] == 1
    assert told["only_second"]["pnl"] == "-3"
    assert told["only_second"]["plans"][0]["plan_id"] == "bad"
    assert Decimal(told["figures"]["money"]["value"]["first"]) == stories.a_run(BOTH).report.money.value


def test_a_person_reads_both_runs_in_aligned_columns():
    many = [stories.a_trade(f"plan {nth}", pnl="1", minute=60 * nth) for nth in range(1, 30)]
    text = comparison_printed.text(
        comparison.compare(stories.a_run(BOTH), stories.a_run(BOTH, *many)), names=("usual", "lessons=off")
    )
    assert text.startswith("A: usual\nB: lessons=off\n")
    assert "29 entered only in B, which came to +29.00" in text
    assert "(9 earlier not listed)" in text
