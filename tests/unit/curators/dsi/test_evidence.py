"""Evidence: the same everywhere, finite whatever the rows, silent rather than invented; and the stopwatch beside it."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curators.dsi import evidence, wall
from curators.dsi.policy import DsiPolicy
from tests.unit.curators.dsi import tapes

POLICY = DsiPolicy()
START = evidence.start(POLICY)
ROWS = st.lists(st.tuples(*[st.floats(1e-300, 1e300)] * 4, st.floats(0.0, 1e300)), min_size=64, max_size=70)
#: Rows that are mostly believed, unlike those above.
USUAL = st.lists(st.tuples(*[st.floats(50.0, 200.0)] * 4, st.floats(0.0, 1e18)), min_size=64, max_size=130)


def gather(rows, direction="long", **more):
    return evidence.gather(rows, direction=direction, standing=START, policy=POLICY, **more)


def believed(found):
    said = found.to_json()
    json.dumps(said, allow_nan=False)
    shares = [found.evidence, found.confidence, *found.interval, found.confirm_rate, found.survival_rate]
    for each in found.experts.values():
        shares += [each.evidence, each.confidence]
    return all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in shares) and math.isfinite(found.boost)


@given(ROWS | USUAL, st.sampled_from(["long", "short"]))
def test_any_finite_positive_rows_give_bounded_finite_evidence_or_none(rows, direction):
    bars = [[60.0 * n, a, max(a, b, c, d), min(a, b, c, d), d, v] for n, (a, b, c, d, v) in enumerate(rows)]
    found = gather(bars, direction)
    assert found is None or believed(found)


def test_usual_rows_are_judged_by_all_four():
    found = gather(tapes.walk())
    assert believed(found)
    assert (found.source, found.tokens, found.absent) == ("bars", 192, [])
    assert list(found.experts) == ["grammar", "classifier", "anomaly", "divergence"]


def test_too_few_rows_an_empty_tape_or_a_switch_give_none():
    assert gather(tapes.walk(63)) is None
    assert gather([]) is None
    off = DsiPolicy(enabled=False)
    assert evidence.gather(tapes.walk(), direction="long", standing=START, policy=off) is None


@pytest.mark.parametrize("rows", [[[1.0, 2.0]] * 64, [None] * 64, [[math.nan] * 6] * 128, [["x"] * 6] * 64])
def test_rows_that_are_none_give_none(rows):
    assert gather(rows) is None


def test_a_market_that_stands_still_gives_none():
    assert gather([[60.0 * n, 100.0, 100.0, 100.0, 100.0, 5.0] for n in range(128)]) is None


def test_without_volume_who_needs_it_is_absent_by_name():
    rows = [[*row[:5], 0.0] for row in tapes.walk()]
    found = gather(rows)
    assert found.absent == ["classifier"]
    assert found.to_json()["mx_classifier_experts"] is None
    assert "volume_momentum" in found.experts["grammar"].details["absent"]
    assert believed(found)


def test_a_gap_in_time_is_not_a_fault():
    rows = [[row[0] + (86_400.0 if place > 60 else 0.0), *row[1:]] for place, row in enumerate(tapes.walk())]
    assert believed(gather(rows))


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        gather(tapes.walk(), "sideways")


def test_events_are_preferred_where_there_are_enough():
    assert gather(tapes.walk(), events=tapes.trades(book=True)).source == "book"
    assert gather(tapes.walk(), events=tapes.trades()).source == "trades"
    assert gather(tapes.walk(), events=tapes.trades(10)).source == "bars"
    assert believed(gather([], events=tapes.trades(book=True)))


def test_another_process_finds_the_same():
    script = (
        "import json; from tests.unit.curators.dsi import tapes; from curators.dsi import evidence, policy;"
        "p = policy.DsiPolicy(); s = evidence.start(p);"
        "print(json.dumps(evidence.gather(tapes.walk(), direction='short', standing=s, policy=p).to_json()))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == gather(tapes.walk(), "short").to_json()


def test_what_was_learned_changes_what_is_heard():
    found = gather(tapes.walk())
    standing = START
    for _ in range(20):
        standing = evidence.learn(standing, found.heard, won=True, policy=POLICY)
    after = evidence.gather(tapes.walk(), direction="long", standing=standing, policy=POLICY)
    best = max(found.experts, key=lambda name: found.experts[name].evidence)
    assert after.weights[best] > 0.25
    assert after.tape_hash == found.tape_hash


def test_the_stopwatch_changes_no_answer_and_remembers_the_last_tapes_only():
    watch = wall.Stopwatch(remembered=2)
    assert watch.pace() is None
    timed = watch.timed(evidence.gather)
    found = [timed(tapes.walk(seed=n), direction="long", standing=START, policy=POLICY) for n in (1, 2, 3)]
    assert found[0] == gather(tapes.walk(seed=1))
    assert watch.latency(found[0].tape_hash) is None
    assert watch.latency(found[2].tape_hash) > 0.0
    pace = watch.pace()
    assert pace.count == 2
    assert 0.0 < pace.p50 <= pace.p95
    assert pace.throughput > 0.0
    assert timed([], direction="long", standing=START, policy=POLICY) is None
