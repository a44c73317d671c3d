"""Every curator of every roster, at the points of its formula and beyond them."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators import panel, roster
from curators.curator import Action
from curators.roster import policy as policies
from curators.roster.quality import Missing
from portfolio.plans.plan import Direction
from tests import factories

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
ROSTERS = {"alpha": policies.AlphaRoster, "dm": policies.DecisionRoster, "trader": policies.TraderRoster}


def everyone(module):
    """Return a roster with every curator on."""
    made = ROSTERS[module]
    fields = [name for name in made.model_fields if name != "learning"]
    return made.model_validate({name: {"enabled": True} for name in fields})


ALL = {module: everyone(module) for module in ROSTERS}


def curator(module, name):
    return next(each for each in roster.seat(module, ALL[module]) if each.name == name)


def said_by(module, name, **inputs):
    return curator(module, name).judge({**INPUTS[module](), **inputs})


def rows(*closes, spread=0.5):
    return [[1e9 + 60 * nth, close, close + spread, close - spread, close, 10.0] for nth, close in enumerate(closes)]


def evidence(value=0.5, *, confirm=False, standing=0.5):
    experts = {"grammar": SimpleNamespace(confidence=standing)}
    return SimpleNamespace(evidence=value, confirm=confirm, experts=experts)


def for_alpha():
    return {
        "features": {"vol_20": 0.0008, "regime": "trending_up", "regime_confidence": 0.8},
        "bar": {},
        "timeframe": "1m",
        "direction": "long",
        "strength": 0.6,
        "confidence": 0.7,
        "evidence": evidence(),
        "tape": rows(*(100.0 + nth % 7 for nth in range(60))),
        "record": [],
        "at": NOON,
    }


def for_dm():
    return {
        "portfolio_risk": 0.0,
        "added_risk": 0.002,
        "asked_size": 0.05,
        "granted_size": 0.05,
        "drawdown": 0.0,
        "max_drawdown": 0.1,
        "weight_after": 0.05,
        "max_concentration": 0.3,
        "transaction_cost": 0.002,
        "expected_slippage": 0.001,
        "target_distance": 0.02,
        "stop_distance": 0.01,
        "volume_share": 0.001,
        "max_volume_share": 0.1,
        "hhi_after": 0.01,
        "var_after": 0.002,
        "max_var": 0.02,
        "correlation": 0.0,
        "max_correlation": 0.7,
        "exposure_after": 0.05,
        "session": "EU",
        "symbol": "BTCUSDT",
        "direction": "long",
    }


def for_trader():
    return {
        "plan": factories.a_plan(),
        "quantity": Decimal(1),
        "position_size": 0.05,
        "position_limit": 0.1,
        "predict": {"fill_prob": 1.0, "slip_bps": 2.0, "latency_ms": 10.0},
        "venues": [("hyperliquid", 0.8)],
        "records": {},
        "level": "ok",
        "held": Decimal(0),
        "max_slippage": 0.01,
        "max_latency_ms": 1000.0,
    }


INPUTS = {"alpha": for_alpha, "dm": for_dm, "trader": for_trader}


@pytest.mark.parametrize("module", ROSTERS)
def test_every_seat_of_a_policy_is_taken_and_every_seat_has_a_policy(module):
    assert set(roster.SEATS[module]) == set(ROSTERS[module].model_fields) - {"learning"}, "see curators/roster/__init__"


# --- formulas


@pytest.mark.parametrize(
    ("risk", "quality", "action"),
    [(0.0, 1.0, "approve"), (0.005, 0.75, "nudge"), (0.0095, 0.0975, "veto"), (0.01, 0.0, "veto"), (0.5, 0.0, "veto")],
)
def test_the_risk_curator_falls_with_the_square_of_what_stops_would_lose(risk, quality, action):
    said = said_by("dm", "risk_curator", portfolio_risk=risk / 2, added_risk=risk / 2)
    assert said.evidence["quality"] == pytest.approx(quality)
    assert said.action == action


@pytest.mark.parametrize(
    ("seen", "confirm", "standing", "quality", "action"),
    [
        (0.9, True, 0.9, 0.93, "approve"),
        (0.5, False, 0.5, 0.35, "nudge"),
        (0.1, False, 0.5, 0.23, "veto"),
    ],
)
def test_the_dsi_curator_weighs_evidence_and_the_experts_standing(seen, confirm, standing, quality, action):
    said = said_by("alpha", "dsi", evidence=evidence(seen, confirm=confirm, standing=standing))
    assert said.evidence["quality"] == pytest.approx(quality)
    assert said.action == action


@pytest.mark.parametrize(
    ("regime", "volatility", "quality"),
    [
        ("trending_up", 0.03, 0.8),
        ("trending_down", 0.01, 0.4),
        ("ranging", 0.01, 0.6),
        ("ranging", 0.03, 0.3),
        ("ranging_volatile", 0.06, 0.7),
        ("ranging_volatile", 0.03, 0.2),
        ("ranging_quiet", 0.005, 0.5),
        ("ranging_quiet", 0.02, 0.3),
        (None, 0.02, 0.1),
    ],
)
def test_the_regime_curator_knows_each_regime_by_its_volatility_of_four_hours(regime, volatility, quality):
    features = {"vol_20": volatility / math.sqrt(240), "regime": regime, "regime_confidence": 1.0}
    assert said_by("alpha", "regime", features=features).evidence["quality"] == pytest.approx(quality)


@pytest.mark.parametrize(
    ("last_three", "name"),
    [
        ([(100, 101, 99, 100.5), (100, 101, 99, 100.5), (100, 101, 99, 100.02)], "doji"),
        ([(100, 101, 99, 100.5), (100, 101, 99, 100.5), (100, 100.6, 98, 100.5)], "hammer"),
        ([(100, 101, 99, 100.5), (100, 101, 99, 100.5), (100.5, 103, 99.9, 100)], "shooting_star"),
        ([(100, 101, 99, 100.5), (100.5, 101, 99.5, 100), (99.5, 102, 99.4, 101.5)], "engulfing"),
        ([(100, 101, 99, 100.5), (99, 102.5, 98.5, 102), (101, 101.2, 99.8, 100)], "harami"),
        ([(104, 104.5, 99.5, 100), (99.5, 100, 99, 99.8), (100, 103.5, 99.9, 103)], "morning_star"),
    ],
)
def test_the_pattern_curator_knows_the_six_shapes(last_three, name):
    tape = [[1e9, *map(float, prices), 10.0] for prices in last_three]
    assert name in said_by("alpha", "pattern", tape=tape).evidence


def test_a_shape_that_leads_the_other_way_speaks_against_the_plan():
    tape = [
        [1e9, *prices, 10.0] for prices in ((100.0, 101, 99, 100.5), (100.5, 101, 99.5, 100), (99.5, 102, 99.4, 101.5))
    ]
    long, short = (said_by("alpha", "pattern", tape=tape, direction=way) for way in ("long", "short"))
    assert long.action == Action.APPROVE
    assert short.action == Action.VETO


@pytest.mark.parametrize("level", [("ok", "approve"), ("warning", "nudge"), ("breach", "veto")])
def test_the_traders_risk_curator_goes_by_the_risk_managers_level(level):
    assert said_by("trader", "risk_curator", level=level[0]).action == level[1]


def test_a_position_beyond_the_limit_is_stopped_and_one_within_it_is_not():
    assert said_by("trader", "position_curator", position_size=0.1).action == Action.APPROVE
    assert said_by("trader", "position_curator", position_size=0.19).action == Action.VETO


def test_adding_to_what_is_held_the_same_way_is_liked_less():
    held = said_by("trader", "position_curator", held=Decimal(1))
    against = said_by("trader", "position_curator", held=Decimal(-1))
    assert (held.action, against.action) == (Action.NUDGE, Action.APPROVE)
    assert held.contribution < 0


def test_a_costly_order_is_liked_less_than_a_cheap_one():
    dear = said_by("trader", "execution_curator", predict={"fill_prob": 0.5, "slip_bps": 80.0, "latency_ms": 900.0})
    assert dear.action == Action.VETO
    assert said_by("trader", "execution_curator").action == Action.APPROVE


def test_a_venue_that_did_badly_is_liked_less():
    bad = said_by("trader", "venue_curator", records={"hyperliquid": {"executions": 90, "successes": 0}})
    assert bad.contribution < 0
    assert bad.evidence["success"] == pytest.approx(0.05)


def test_a_round_trip_that_costs_the_target_is_told_as_such():
    said = said_by("dm", "execution_curator", target_distance=0.004)
    assert said.contribution < 0
    assert said.evidence["cost_of_target"] == 0.0


def test_a_portfolio_near_its_limits_stops_the_plan():
    assert said_by("dm", "portfolio_curator", hhi_after=0.3, var_after=0.02, correlation=0.7).action == Action.VETO


@pytest.mark.parametrize(
    ("name", "used_up"),
    [
        ("budget_curator", {"granted_size": 0.0}),
        ("budget_curator", {"drawdown": 0.1}),
        ("budget_curator", {"weight_after": 0.3}),
        ("budget_curator", {"max_drawdown": 0.0}),
        ("portfolio_curator", {"hhi_after": 0.3}),
        ("portfolio_curator", {"var_after": 0.02}),
        ("portfolio_curator", {"correlation": 0.7}),
    ],
)
def test_one_limit_that_is_used_up_stops_the_plan_however_much_is_left_of_the_others(name, used_up):
    assert said_by("dm", name, **used_up).action == Action.VETO


@pytest.mark.parametrize(("session", "action"), [("EU", "approve"), ("OFF", "nudge")])
def test_the_timing_curator_goes_by_market_hours(session, action):
    assert said_by("dm", "timing_curator", session=session).action == action


def test_the_compliance_curator_stops_what_is_not_allowed_and_says_which_rule():
    strict = policies.ComplianceCuratorPolicy(
        enabled=True, symbols=("ETHUSDT",), directions=("short",), max_leverage=0.01
    )
    (judge,) = (
        each
        for each in roster.seat("dm", policies.DecisionRoster(compliance=strict))
        if each.name == "compliance_curator"
    )
    said = judge.judge(for_dm())
    assert said.action == Action.VETO
    assert all(word in said.reason for word in ("BTCUSDT", "long", "0.05"))


def test_alphas_own_record_moves_the_two_that_read_it():
    def record(*won):
        return [[f"2025-05-2{nth // 10}T00:00:00+00:00", each, 2.0 * each - 1.0, 0.7] for nth, each in enumerate(won)]

    worse = said_by("alpha", "evolution", record=record(*[1] * 10, *[0] * 10))
    better = said_by("alpha", "evolution", record=record(*[0] * 10, *[1] * 10))
    assert worse.contribution < 0 < better.contribution
    assert said_by("alpha", "performance", record=record(*[0] * 20)).contribution < 0
    assert said_by("alpha", "performance", record=record(*[1] * 20)).contribution > 0
    assert said_by("alpha", "performance", record=record(*[0] * 20), at=NOON.replace(year=2027)) is None


def test_a_divergence_counts_for_the_side_that_the_indicator_moved_to():
    falling = [200.0 - nth - 0.02 * nth * nth for nth in range(40)]
    slowing = [falling[-1] - 30 * (1 - math.exp(-nth / 6)) for nth in range(1, 26)]
    tape = rows(*falling, *slowing)
    long, short = (said_by("alpha", "divergence", tape=tape, direction=way) for way in ("long", "short"))
    assert long.contribution > 0 > short.contribution


# --- abstaining, failing, bounds


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("dsi", {"evidence": None}),
        ("pattern", {"tape": rows(100.0, 101.0)}),
        ("divergence", {"tape": rows(100.0, 101.0)}),
        ("evolution", {"record": []}),
        ("performance", {"record": []}),
    ],
)
def test_who_has_nothing_to_go_by_abstains(name, inputs):
    assert said_by("alpha", name, **inputs) is None


@pytest.mark.parametrize("module", ["alpha", "dm", "trader"])
def test_missing_inputs_are_a_failure_of_the_curator_and_stop_only_where_it_fails_closed(module):
    verdict = panel.convene(roster.seat(module, ALL[module]), sigma=0.6, inputs={})
    assert verdict.failures
    stopped = {each.curator for each in verdict.hearings if each.stops}
    closed = {each.name for each in roster.seat(module, ALL[module]) if each.fails_closed}
    assert stopped == closed & {each.curator for each in verdict.failures}


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), "much", True])
def test_a_number_that_is_none_is_refused_by_name(bad):
    with pytest.raises(Missing, match="added_risk"):
        said_by("dm", "risk_curator", added_risk=bad)


numbers = st.floats(-10.0, 10.0, allow_nan=False)


@given(st.fixed_dictionaries({name: numbers for name, value in for_dm().items() if isinstance(value, float)}))
def test_whatever_numbers_it_is_given_a_decision_curator_stays_within_its_bounds(told):
    for each in roster.seat("dm", ALL["dm"]):
        said = each.judge({**for_dm(), **told})
        assert abs(said.contribution) <= each.kappa <= panel.MAX_KAPPA
        assert 0.5 <= said.confidence <= each.policy.most_sure
        assert 0.0 <= said.evidence["quality"] <= 1.0


@given(st.lists(st.floats(1.0, 1000.0), min_size=3, max_size=80), st.sampled_from(list(Direction)))
def test_whatever_the_tape_alphas_curators_stay_within_their_bounds(closes, direction):
    for each in roster.seat("alpha", ALL["alpha"]):
        said = each.judge({**for_alpha(), "tape": rows(*closes), "direction": direction.value})
        assert said is None or abs(said.contribution) <= each.kappa <= panel.MAX_KAPPA


# --- the roster


DOCUMENTED = {
    "alpha": ["dsi", "pattern", "regime", "divergence", "evolution", "performance"],
    "dm": ["risk_curator", "budget_curator", "execution_curator", "portfolio_curator"],
    "trader": ["execution_curator", "venue_curator", "risk_curator", "position_curator"],
}
OFF = {"timing_curator", "cost_curator", "compliance_curator"}


@pytest.mark.parametrize("module", ROSTERS)
def test_a_panel_begins_as_the_documents_name_it_and_some_are_off(module):
    sitting = [each.name for each in roster.seat(module, ROSTERS[module]())]
    assert sitting[: len(DOCUMENTED[module])] == DOCUMENTED[module]
    assert not OFF & set(sitting)


def test_a_curator_that_is_switched_off_does_not_sit():
    without = policies.AlphaRoster.model_validate({"dsi": {"enabled": False}})
    assert "dsi" not in {each.name for each in roster.seat("alpha", without)}


def test_the_same_policy_seats_the_same_curators():
    policy = policies.DecisionRoster()
    assert roster.seat("dm", policy) is roster.seat("dm", policy)


@pytest.mark.parametrize("change", [{"kappa": 0.16}, {"weight": 0.01}, {"neutral": 0.9}, {"veto_below": -1}])
def test_numbers_beyond_their_bounds_are_refused(change):
    with pytest.raises(pydantic.ValidationError):
        policies.CuratorPolicy.model_validate(change)
