"""What a turn is given: the strictest halt, the policy in force, and the same again from the last ruling it names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from strands import roots, strand
from strands.given import AS_MADE, Given, HaltState, Overrides, PolicyVersion, instance_of, laid
from strands.rulings.fold import Rulings
from strands.rulings.ruling import RefusedRuling
from strands.strand import Strand

NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_halt(scope: Any = "desk", state: Any = "halted", *, nth: int = 0, **term: Any) -> Strand:
    payload = {"op_halt": {"scope": scope, "state": state, **term}}
    return strand.first(module="op", kind="halt", at=NOON, payload=payload, cause=(repr(payload), nth))


def a_change(values: Any, *, to: str = "alpha", symbol: str | None = None, nth: int = 0) -> Strand:
    return strand.first(
        module="op",
        kind="policy_changed",
        at=NOON,
        symbol=symbol,
        tags=[f"{to}:policy_changed"],
        payload={"op_policy": values},
        cause=(to, repr(values), nth),
    )


def a_version(
    content: Any, *, of: str = "alpha", symbol: str | None = None, nth: int = 0, at: datetime = NOON, **term: str
) -> Strand:
    says = {"policy": of, "number": nth, "content": content, "hash": "", **term}
    return strand.first(
        module="op", kind="policy_published", at=at, symbol=symbol, payload={"op_policy": says}, cause=(repr(says), nth)
    )


def a_withdrawal(of: Strand, *, at: datetime = NOON) -> Strand:
    says = {"policy": of.payload["op_policy"]["policy"], "number": 0, "publication": of.id}
    return strand.first(
        module="op", kind="publication_withdrawn", at=at, symbol=of.symbol, payload={"op_policy": says}, cause=(of.id,)
    )


def halted(*said: Strand, scopes: tuple[str, ...] = (), now: datetime = NOON) -> HaltState:
    return Rulings(said).given(now, "trader").halted(*scopes)


def values(rulings: Rulings, listener: str = "alpha", partition: str = "", *, now: datetime = NOON) -> Overrides:
    return rulings.given(now, listener, partition).policy.values


def low_below_high(listener: str, overrides: Overrides) -> None:
    """Refuse what the policy of a module with these two fields would refuse."""
    low, high = overrides.get("low", 1), overrides.get("high", 5)
    if low > high:
        raise ValueError(f"{listener}.low: {low!r}: it is above high {high}")


# --- halts


def test_nothing_is_halted_before_anybody_says_so():
    assert halted(scopes=("symbol:X",)) is HaltState.ACTIVE


@pytest.mark.parametrize("scope", ["desk", "symbol:X", "venue:paper", "module:trader"])
def test_a_halt_holds_in_its_scope(scope: str):
    assert halted(a_halt(scope), scopes=("symbol:X", "venue:paper", "module:trader")) is HaltState.HALTED


@pytest.mark.parametrize("scope", ["symbol:Y", "venue:other", "module:alpha"])
def test_a_halt_of_another_scope_holds_nowhere_else(scope: str):
    assert halted(a_halt(scope), scopes=("symbol:X", "venue:paper", "module:trader")) is HaltState.ACTIVE


def test_the_strictest_of_the_scopes_counts_in_whatever_order_they_were_said():
    mild, strict = a_halt("desk", "reduce-only"), a_halt("symbol:X", "halted")
    assert halted(mild, strict, scopes=("symbol:X",)) is halted(strict, mild, scopes=("symbol:X",)) is HaltState.HALTED
    assert halted(mild, strict) is HaltState.REDUCE_ONLY
    assert halted(mild, a_halt("symbol:X", "active"), scopes=("symbol:X",)) is HaltState.REDUCE_ONLY


def test_the_last_word_on_a_scope_counts():
    assert halted(a_halt(), a_halt(state="active")) is HaltState.ACTIVE
    assert halted(a_halt(state="active"), a_halt()) is HaltState.HALTED
    assert halted(a_halt(), a_halt(state="reduce-only")) is HaltState.REDUCE_ONLY


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"op_halt": None}, "op_halt: None is no object"),
        ({"op_halt": "desk"}, "op_halt: 'desk' is no object"),
        ({"op_halt": {"state": "halted"}}, "op_halt.scope: None is no scope"),
        ({"op_halt": {"scope": "X", "state": "halted"}}, "op_halt.scope: 'X' is no scope"),
        ({"op_halt": {"scope": "symbol:", "state": "halted"}}, "op_halt.scope: 'symbol:' is no scope"),
        ({"op_halt": {"scope": "module:nobody", "state": "halted"}}, "op_halt.scope: 'module:nobody' is no scope"),
        ({"op_halt": {"scope": 7, "state": "halted"}}, "op_halt.scope: 7 is no scope"),
        ({"op_halt": {"scope": "desk", "state": "stop"}}, "op_halt.state: 'stop' is no state"),
        ({"op_halt": {"scope": "desk", "state": []}}, r"op_halt.state: \[\] is no state"),
        ({"op_halt": {"scope": "desk", "state": "halted", "from": "noon"}}, "op_halt.from: 'noon' is no moment"),
        ({"op_halt": {"scope": "desk", "state": "halted", "until": 7}}, "op_halt.until: 7 is no moment"),
        (
            {"op_halt": {"scope": "desk", "state": "halted", "until": "2022-01-03T12:00:00"}},
            "op_halt.until: '2022-01-03T12:00:00' is no moment",
        ),
        (
            {"op_halt": {"scope": "desk", "state": "halted", "from": NOON.isoformat(), "until": NOON.isoformat()}},
            "op_halt.until: .* is not after from",
        ),
    ],
)
def test_a_halt_that_breaks_a_rule_is_refused_by_field_and_value_and_halts_nothing(payload: Any, named: str):
    broken = strand.first(module="op", kind="halt", at=NOON, payload=payload)
    rulings = Rulings([broken])
    with pytest.raises(RefusedRuling, match=named):
        rulings.refuse(broken)
    assert rulings.given(NOON, "trader").halts == {}


# --- policies


def test_a_change_for_all_is_given_to_every_partition_also_one_never_heard_of():
    rulings = Rulings([a_change({"low": 2})])
    assert values(rulings) == values(rulings, partition="X") == values(rulings, partition="NEW") == {"low": 2}


def test_a_change_is_given_to_the_module_that_it_names_alone():
    assert values(Rulings([a_change({"low": 2}, to="dm")])) == {}
    assert values(Rulings([a_change({"low": 2}, to="dm")]), "dm") == {"low": 2}


def test_a_symbols_own_values_lie_over_those_for_all_whichever_was_said_first():
    of_all, of_x = a_change({"low": 2, "high": 7}), a_change({"low": 3}, symbol="X")
    for said in ([of_all, of_x], [of_x, of_all]):
        rulings = Rulings(said)
        assert values(rulings, partition="X") == {"low": 3, "high": 7}
        assert values(rulings, partition="Y") == {"low": 2, "high": 7}
        assert rulings.given(NOON, "alpha", "X").policy.id == said[-1].id
    assert Rulings([of_x]).given(NOON, "alpha", "X").policy.id == of_x.id


def test_a_module_of_one_partition_takes_a_change_that_names_a_symbol_for_all():
    assert values(Rulings([a_change({"low": 2}, to="dm", symbol="X")]), "dm") == {"low": 2}


def test_changes_add_up_and_null_takes_a_value_back():
    rulings = Rulings([a_change({"low": 2}), a_change({"high": 7}), a_change({"low": None})])
    assert values(rulings) == {"high": 7}


def test_a_symbols_null_gives_it_what_counts_for_all():
    said = [a_change({"low": 2}), a_change({"low": 3}, symbol="X"), a_change({"low": None}, symbol="X")]
    assert values(Rulings(said), partition="X") == {"low": 2}


def test_two_versions_are_told_apart_by_their_values():
    one, same, other = (
        Rulings([a_change(change, nth=n)]).given(NOON, "alpha").policy
        for n, change in enumerate([{"a": 1}, {"a": 1}, {"a": 2}])
    )
    assert one.key == same.key != other.key
    assert one.id != same.id


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"low": 6}, r"alpha\.low: 6: it is above high 5"),
        (None, "op_policy: None is no object; send {field: value, …}"),
        ([], r"op_policy: \[\] is no object"),
        ({"low": 2, "from": "noon"}, "op_policy.from: 'noon' is no moment"),
    ],
)
def test_a_broken_change_is_refused_with_its_reason_and_changes_nothing(change: Any, named: str):
    sound, broken = a_change({"low": 2}), a_change(change)
    rulings = Rulings([sound, broken], check=low_below_high)
    with pytest.raises(RefusedRuling, match=named):
        rulings.refuse(broken)
    rulings.refuse(sound)
    assert rulings.given(NOON, "alpha").policy == Rulings([sound]).given(NOON, "alpha").policy
    assert rulings.last == broken.id


@pytest.mark.parametrize("tags", [(), ("alpha:halt",), ("error:policy_changed",)])
def test_a_change_that_names_no_module_is_refused(tags: tuple[str, ...]):
    lost = strand.first(module="op", kind="policy_changed", at=NOON, tags=tags, payload={"op_policy": {"low": 2}})
    rulings = Rulings([lost])
    assert rulings.refused[lost.id].startswith("tags: ")
    assert "dm:policy_changed" in rulings.refused[lost.id]


def test_a_change_for_all_is_refused_where_one_symbols_own_values_do_not_go_with_it():
    own, of_all = a_change({"low": 4}, symbol="X"), a_change({"high": 3})
    rulings = Rulings([own, of_all], check=low_below_high)
    assert rulings.refused == {of_all.id: "alpha.low: 4: it is above high 3"}
    assert values(rulings, partition="X") == {"low": 4}


def test_a_change_is_refused_that_only_another_made_sound_which_will_have_ended():
    raised = a_change({"high": 9, "until": (NOON + HOUR).isoformat()})
    forever, in_time = a_change({"low": 8}), a_change({"low": 8, "until": (NOON + HOUR).isoformat()})
    assert list(Rulings([raised, forever], check=low_below_high).refused) == [forever.id]
    rulings = Rulings([raised, in_time], check=low_below_high)
    assert rulings.refused == {}
    assert [values(rulings, now=at) for at in (NOON, NOON + HOUR)] == [{"high": 9, "low": 8}, {}]


def test_a_change_is_not_measured_by_one_that_ends_before_it_begins():
    early = a_change({"low": 4, "until": NOON.isoformat()})
    late = a_change({"high": 2, "from": NOON.isoformat()})
    assert Rulings([early, late], check=low_below_high).refused == {}


# --- versions


def test_a_version_replaces_what_was_in_force_whole_and_a_change_is_laid_over_it():
    rulings = Rulings([a_change({"low": 2}), a_version({"high": 7}, nth=1), a_change({"low": 3})])
    assert values(rulings) == values(rulings, partition="NEW") == {"high": 7, "low": 3}
    assert values(Rulings([a_change({"low": 2}), a_version({"high": 7})])) == {"high": 7}


def test_a_version_with_an_end_gives_way_to_what_is_in_force_then():
    at = {hour: NOON.replace(hour=hour) for hour in (16, 17, 18)}
    half_past_five, moment = NOON.replace(hour=17, minute=30), timedelta(microseconds=1)
    six = a_version({"low": 1}, nth=6)
    seven = a_version({"low": 2}, nth=7, until=half_past_five.isoformat())
    eight = a_version({"low": 3}, nth=8, until=at[18].isoformat())
    nine = a_version({"low": 4}, nth=9, at=at[17])
    until_nine = Rulings([six, seven, eight])
    assert values(until_nine, now=half_past_five) == values(until_nine, now=at[18] - moment) == {"low": 3}
    assert values(until_nine, now=at[18]) == {"low": 1}
    assert values(Rulings([six, seven]), now=half_past_five) == {"low": 1}
    assert [values(Rulings([six, seven, eight, nine]), now=when) for when in (at[17], at[18])] == [{"low": 4}] * 2


def test_a_withdrawn_publication_never_counts_and_one_that_counts_already_cannot_be_withdrawn():
    later = a_version({"low": 2}, **{"from": (NOON + HOUR).isoformat()})
    assert values(Rulings([later]), now=NOON + HOUR) == {"low": 2}
    assert values(Rulings([later, a_withdrawal(later)]), now=NOON + HOUR) == {}
    late, unknown = a_withdrawal(later, at=NOON + HOUR), a_withdrawal(a_version({"low": 5}))
    rulings = Rulings([later, late, unknown])
    assert "counts already" in rulings.refused[late.id]
    assert "is no publication" in rulings.refused[unknown.id]
    assert values(rulings, now=NOON + HOUR) == {"low": 2}


@pytest.mark.parametrize(
    ("says", "named"),
    [
        ({"policy": "tarot", "content": {}}, "op_policy.policy: 'tarot' is no policy"),
        ({"policy": "alpha", "content": 7}, "op_policy.content: 7 is no object"),
        ({"policy": "alpha", "content": {"low": 6}}, r"alpha\.low: 6: it is above high 5"),
    ],
)
def test_a_version_that_breaks_a_rule_is_refused_and_what_was_before_stays(says: dict[str, Any], named: str):
    broken = strand.first(module="op", kind="policy_published", at=NOON, payload={"op_policy": says})
    rulings = Rulings([a_version({"low": 2}), broken], check=low_below_high)
    with pytest.raises(RefusedRuling, match=named):
        rulings.refuse(broken)
    assert values(rulings) == {"low": 2}


# --- terms


@pytest.mark.parametrize(
    ("term", "counts"),
    [
        ({}, (True, True, True, True)),
        ({"from": NOON.isoformat()}, (False, True, True, True)),
        ({"until": (NOON + HOUR).isoformat()}, (True, True, False, False)),
        ({"from": NOON.isoformat(), "until": (NOON + HOUR).isoformat()}, (False, True, False, False)),
        ({"from": "2022-01-03T13:00:00+01:00"}, (False, True, True, True)),
        ({"from": None, "until": None}, (True, True, True, True)),
    ],
)
def test_a_ruling_counts_from_its_first_moment_and_up_to_its_last(term: dict[str, Any], counts: tuple[bool, ...]):
    rulings = Rulings([a_halt(**term), a_change({"low": 2, **term})])
    moments = (NOON - timedelta(microseconds=1), NOON, NOON + HOUR, NOON + 2 * HOUR)
    given = [rulings.given(at, "alpha", "X") for at in moments]
    assert tuple(bool(each.halts) for each in given) == counts
    assert tuple(each.policy.values == {"low": 2} for each in given) == counts
    assert [each.now for each in given] == list(moments)


def test_what_is_under_a_ruling_counts_again_when_it_has_ended():
    rulings = Rulings([a_change({"low": 2}), a_change({"low": 3, "until": NOON.isoformat()})])
    assert [values(rulings, now=at) for at in (NOON - HOUR, NOON)] == [{"low": 3}, {"low": 2}]
    assert rulings.in_force(NOON - HOUR) is rulings.in_force(NOON - 2 * HOUR)


# --- the fold


def test_a_turn_names_the_last_ruling_known_and_which_instance_hears_it():
    first, second = a_halt(nth=0), a_halt(nth=1)
    given = Rulings([first, second]).given(NOON, "alpha", "X")
    assert (given.ruling, given.instance) == (second.id, str(roots.ROOTS["alpha"].module_id))
    assert instance_of("scribe") == "scribe"
    assert Rulings().given(NOON, "alpha") == Given(NOON, instance_of("alpha"), {}, AS_MADE, "")


def test_other_strands_and_rulings_known_already_change_nothing():
    note = strand.first(module="op", kind="note", at=NOON, payload={})
    halt, lifted = a_halt(), a_halt(state="active")
    rulings = Rulings([halt, lifted, note, halt])
    assert (rulings.last, rulings.given(NOON, "alpha").halts) == (lifted.id, {})


def test_what_is_added_to_a_copy_is_not_in_force_in_the_original():
    early = a_change({"low": 9})
    rulings = Rulings([a_change({"low": 2}), early], check=low_below_high)
    other = rulings.copy()
    later = a_halt(until=(NOON + HOUR).isoformat())
    other.add(later)
    assert (other.given(NOON, "alpha").halted(), other.given(NOON + HOUR, "alpha").halted()) == ("halted", "active")
    assert (rulings.given(NOON, "alpha").halted(), rulings.last) == ("active", early.id)
    other.add(a_change({"low": 8}))
    assert (len(other.refused), list(rulings.refused)) == (2, [early.id])
    other.add(early)
    assert other.last != early.id


def test_what_is_asked_again_is_remembered_until_more_is_said():
    rulings = Rulings([a_change({"low": 2})])
    before = rulings.given(NOON, "alpha", "X")
    assert rulings.given(NOON + HOUR, "alpha", "X").policy is before.policy
    rulings.add(a_change({"low": 3}))
    assert rulings.given(NOON, "alpha", "X").policy.values == {"low": 3}


terms = st.fixed_dictionaries(
    {}, optional={edge: st.integers(-2, 2).map(lambda n: (NOON + n * HOUR).isoformat()) for edge in ("from", "until")}
)
numbers = st.none() | st.integers(0, 8)
changes = st.builds(
    lambda change, term, symbol: a_change({**change, **term}, symbol=symbol),
    st.fixed_dictionaries({}, optional={"low": numbers, "high": numbers}),
    terms,
    st.sampled_from([None, "X", "Y"]),
)
halts = st.builds(
    lambda scope, state, term: a_halt(scope, state, **term),
    st.sampled_from(["desk", "symbol:X", "module:alpha", "nowhere"]),
    st.sampled_from(HaltState),
    terms,
)
contents = st.fixed_dictionaries({}, optional={"low": st.integers(0, 5), "high": st.integers(5, 8)})
versions = st.builds(
    lambda content, term, nth: a_version(content, nth=nth, **term), contents, terms, st.integers(0, 10**6)
)
moments = st.integers(-3, 3).map(lambda n: NOON + n * HOUR)
partitions = st.sampled_from(["", "X", "Y", "NEW"])


@over(st.lists(versions, max_size=8, unique_by=lambda each: each.id), st.sets(st.integers(0, 7)), moments)
def test_in_force_is_the_version_said_last_among_those_that_count(said: list[Strand], undone: set[int], now: datetime):
    withdrawals = [a_withdrawal(each) for nth, each in enumerate(said) if nth in undone]
    rulings = Rulings([*said, *withdrawals])
    expected: Any = {}
    for nth, each in enumerate(said):
        says = each.payload["op_policy"]
        begins, ends = (datetime.fromisoformat(says[edge]) if edge in says else None for edge in ("from", "until"))
        withdrawn = nth in undone and begins is not None and begins > NOON
        sound = begins is None or ends is None or begins < ends
        if sound and not withdrawn and (begins is None or begins <= now) and (ends is None or now < ends):
            expected = says["content"]
    assert values(rulings, partition="NEW", now=now) == expected


@over(st.lists(changes | versions | halts, max_size=8), moments, partitions)
def test_the_rulings_up_to_the_one_a_turn_names_give_it_the_same_again(
    said: list[Strand], now: datetime, partition: str
):
    growing = Rulings(check=low_below_high)
    given = [growing.given(now, "alpha", partition)]
    for each in said:
        growing.add(each)
        given.append(growing.given(now, "alpha", partition))
    ids = [each.id for each in said]
    for each in given:
        known = said[: ids.index(each.ruling) + 1] if each.ruling else []
        assert Rulings(known, check=low_below_high).given(now, "alpha", partition) == each


@over(st.lists(changes | versions | halts, max_size=8), moments, partitions)
def test_what_is_given_could_always_be_taken(said: list[Strand], now: datetime, partition: str):
    low_below_high("alpha", Rulings(said, check=low_below_high).given(now, "alpha", partition).policy.values)


# --- one object over another


def test_one_object_is_laid_over_another_field_within_field():
    under = {"b": 1, "a": {"x": 1, "y": 2}, "gone": 3}
    assert laid(under, {"a": {"y": 5, "x": None}, "gone": None, "c": 4}) == {"a": {"y": 5}, "b": 1, "c": 4}
    assert list(laid({"b": 1}, {"a": 1})) == ["a", "b"]
    assert laid({"a": 1}, {"a": {"x": None, "y": 2}}) == {"a": {"y": 2}}
    assert under == {"b": 1, "a": {"x": 1, "y": 2}, "gone": 3}


def test_a_version_as_made_holds_nothing():
    assert PolicyVersion("", {}, "") == AS_MADE
