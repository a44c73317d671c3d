"""A state comes back from JSON as it was, and one that version 0 left goes on."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import ledger
from strands import wire
from strands.market.instruments import instrument
from tests import deciding
from tests.deciding import BTC, ETH, NOON
from tradingops.modules import learning
from tradingops.modules.decision import fusion, pending, risk_update, state
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.reviews import policy as review_policy
from tradingops.modules.decision.reviews import waiting

VERSION_0 = json.loads((Path(__file__).parent / "states_of_version_0.json").read_text())["dm"]

money = st.decimals("-1e12", "1e12", places=9, allow_nan=False)
above_zero = st.decimals("1e-9", "1e12", places=9)
numbers = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0, 1)
symbols = st.sampled_from([BTC, ETH, "SOL-PERP"])
zones = st.sampled_from([UTC, timezone(timedelta(hours=-5))])
moments = st.builds(lambda seconds, zone: datetime.fromtimestamp(seconds, zone), st.integers(0, 2**32), zones)
ids = st.text(min_size=1, max_size=8)
positions = st.builds(ledger.Position, symbol=st.none(), quantity=money, cost=money, realized_pnl=money, fees=money)
books = st.builds(
    lambda cash, held: ledger.Book(cash, {each: ledger.position_from(each, p) for each, p in held.items()}),
    money,
    st.dictionaries(symbols, positions.map(ledger.position_to_json)),
)
risks = st.builds(
    risk_update.RiskUpdate,
    at=moments,
    var_95=st.none() | shares,
    cvar_95=st.none() | shares,
    drawdown=st.none() | shares,
    correlations=st.dictionaries(ids, st.floats(-1, 1)),
    volatilities=st.dictionaries(symbols, numbers),
)
commitments = st.builds(
    pending.Commitment,
    symbol=symbols,
    lifecycle_id=st.none() | ids,
    status=st.sampled_from(pending.Status),
    waiting=above_zero,
    price=above_zero,
    at_risk=shares,
    until=moments,
)
alphas = st.builds(
    fusion.Alpha, plan_id=ids, sign=st.sampled_from([-1, 1]), sigma=shares, confidence=shares, until=moments
)
judgements = st.builds(
    learning.Judgement,
    subject_id=ids,
    lifecycle_id=st.none() | ids,
    hearings=st.just([{"curator_type": "risk_curator", "contribution": 0.25}]),
    sigma=shares,
    curated=shares,
    publish_at=shares,
    stake=shares,
    size=shares,
    passes=st.booleans(),
    uses=st.lists(st.builds(learning.Use, lesson_id=ids, passes=st.booleans(), size=shares), max_size=2).map(tuple),
    columns=st.dictionaries(ids, st.none() | ids),
    parts=st.dictionaries(ids, shares),
)
reviews = st.builds(
    waiting.Waiting,
    item=ids,
    signal=st.just(waiting.kept_of(deciding.a_signal())),
    needs=st.sampled_from(review_policy.Needs),
    deadline=moments,
    silence=st.sampled_from(review_policy.Silence),
    price_band=st.builds(waiting.PriceBand, above_zero, above_zero),
    shown=ids,
    policy=st.text(max_size=8),
    version=st.integers(1, 9),
    approvals=st.lists(ids, max_size=2).map(tuple),
    authors=st.lists(ids, max_size=2).map(tuple),
    changes=st.dictionaries(st.just("position_size"), shares),
    before=st.dictionaries(st.just("position_size"), shares),
    verdicts=st.lists(st.fixed_dictionaries({"by": ids}), max_size=2).map(tuple),
    escalated=st.booleans(),
)
states = st.builds(
    state.DecisionState,
    book=books,
    marks=st.dictionaries(symbols, above_zero),
    volumes=st.dictionaries(symbols, above_zero),
    risk=st.none() | risks,
    plans=st.dictionaries(ids, commitments, max_size=3),
    peak=money,
    day=st.builds(state.Day, on=st.none() | st.dates(date(2000, 1, 1)), value=money),
    alphas=st.dictionaries(symbols, st.lists(alphas, min_size=1, max_size=3).map(tuple)),
    instruments=st.dictionaries(
        symbols, st.builds(lambda lot: instrument.made(BTC, {"lot": lot}, source=instrument.Source.FILE), above_zero)
    ),
    reviews=st.dictionaries(ids, reviews, max_size=2),
    ended=st.dictionaries(ids, ids, max_size=3),
    learning=st.builds(
        lambda judged: learning.start()._replace(judged=judged), st.dictionaries(ids, judgements, max_size=3)
    ),
)


@given(states)
def test_a_state_comes_back_from_json_as_it_was(before: state.DecisionState):
    kept = json.loads(json.dumps(state.dump(before), allow_nan=False))
    after = state.load(kept)
    assert after == before
    assert state.dump(after) == kept


@given(st.lists(st.sampled_from(["signal", "bar", "fill", "risk"]), max_size=8))
def test_a_decision_maker_says_the_same_when_its_state_is_kept_after_every_turn(day: list[str]):
    dm = DecisionMaker()
    story = {
        "signal": deciding.a_signal(symbol=ETH),
        "bar": deciding.a_bar(close="101.50"),
        "fill": deciding.a_fill(deciding.a_bar(), quantity="0.30"),
        "risk": deciding.a_risk_update(drawdown=0.01),
    }
    held, kept = deciding.ready(dm), deciding.ready(dm)
    for each in day:
        held, said_on = deciding.heard(dm, [story[each]], held)
        kept, said_after = deciding.heard(dm, [story[each]], dm.load(json.loads(json.dumps(dm.dump(kept)))))
        assert [(a.id, a.payload) for a in said_on] == [(a.id, a.payload) for a in said_after]
    assert held == kept


def test_the_digits_of_a_price_are_kept_as_they_came():
    dm = DecisionMaker()
    after, _ = deciding.heard(dm, [deciding.a_bar(close="100.500", volume="0.10")])
    kept = dm.dump(after)
    assert (kept["marks"], kept["volumes"]) == ({BTC: "100.500"}, {BTC: "0.10"})


def test_a_state_of_version_0_is_the_same_state():
    after = state.load(VERSION_0)
    soon = NOON + timedelta(minutes=5)
    position = ledger.Position(
        symbol=ETH, quantity=Decimal("30.5"), cost=Decimal("3042.375"), realized_pnl=ledger.ZERO, fees=Decimal(1)
    )
    assert after.book.cash == 97054
    assert after.book.open_positions == {ETH: position}
    assert after.marks == {BTC: Decimal(100), ETH: Decimal(100)}
    assert after.risk == risk_update.RiskUpdate(NOON, 0.001, 0.0015, 0.0, {}, {BTC: 0.2, ETH: 0.3})
    assert list(after.plans.values()) == [
        pending.Commitment(
            symbol=ETH,
            lifecycle_id="01FRFWZ0G003TTJ45YQ9ND5563",
            status=pending.Status.PENDING,
            waiting=Decimal("49.5779"),
            price=Decimal(100),
            at_risk=0.0008,
            until=NOON + timedelta(minutes=65),
        )
    ]
    assert (after.peak, after.day) == (100104, state.Day(NOON.date(), Decimal(100_000)))
    assert [each.sign for each in after.alphas[BTC]] == [1, -1]
    assert [each.until for each in after.alphas[ETH]] == [soon]
    assert set(after.learning.judged) == set(VERSION_0["judged"])
    assert after.learning.curators == VERSION_0["curators"]


def test_a_state_of_version_0_goes_on_and_what_people_ruled_is_no_part_of_it():
    dm = DecisionMaker()
    after, (decision, _) = deciding.heard(
        dm, [deciding.a_signal(at=NOON + timedelta(minutes=1))], state.load(VERSION_0)
    )
    assert decision.payload["dm_decision"]["decision_type"] in ("approve", "modify")
    assert len(after.plans) == 2
    kept = dm.dump(after)
    assert kept["version"] == state.VERSION
    assert kept.keys().isdisjoint({"halts", "policy", "refused_policies", "judged", "curators", "learned"})


def test_a_state_from_before_there_was_learning_begins_to_learn():
    unknown = {"alphas", "judged", "curators", "learned"}
    plans = {each: {k: v for k, v in plan.items() if k != "at_risk"} for each, plan in VERSION_0["plans"].items()}
    kept = {**{name: value for name, value in VERSION_0.items() if name not in unknown}, "plans": plans}
    after, (decision, _) = deciding.heard(DecisionMaker(), [deciding.a_signal()], state.load(kept))
    assert [plan.at_risk for plan in state.load(kept).plans.values()] == [0.0]
    assert len(after.learning.judged) == 1
    assert decision.payload["dm_decision"]["decision_type"] in ("approve", "modify")


def test_a_state_of_a_later_version_is_refused():
    dm = DecisionMaker()
    with pytest.raises(wire.NewerState, match=f"dm: version {state.VERSION + 1} is newer"):
        dm.load({**dm.dump(dm.start("")), "version": state.VERSION + 1})
