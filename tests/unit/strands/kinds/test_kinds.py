"""Every kind is whole: a face, columns, hearers or the reason for none, and a line for whatever JSON it is given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import figures, kinds, tables, tags, telling
from strands.kinds import declared, trader
from strands.kinds.kind import FLOAT, JSONB, TEXT, outermost
from strands.strand import first
from strands.telling import Tone
from strands.wires.memory import MemoryWire
from tests import payloads, reference, toys
from tests.payloads import NAMES, ODD, typical

EVERY = sorted(kinds.KINDS)


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_kind_is_whole(role: str, name: str) -> None:
    kind = kinds.of(role, name)
    assert kind.means
    assert kind.columns
    assert kind.look.label
    assert kind.look.label == kinds.LOOKS[name].label
    assert isinstance(kind.look.tone, Tone)
    assert kind.hearers or kind.unheard


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_kinds_columns_are_its_tables_with_the_same_types(role: str, name: str) -> None:
    columns = tables.TABLES[role].payload
    kind = kinds.of(role, name)
    assert {column: columns.get(column) for column in kind.columns} == kind.columns
    assert set(kind.columns.values()) <= {JSONB, TEXT, FLOAT}


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_line_tells_something_of_a_typical_payload_and_reads_declared_columns_alone(role: str, name: str) -> None:
    kind = kinds.of(role, name)
    line = telling.text(part for part in kind.line(typical(kind)) if part.text)
    assert line.replace(figures.ABSENT, "")
    assert {path.partition(".")[0] for path in kind.reads} <= kind.columns.keys()


@given(st.sampled_from(EVERY), st.data())
def test_no_json_breaks_a_line_and_a_payload_of_what_it_reads_gives_the_same(
    key: tuple[str, str], data: st.DataObject
) -> None:
    kind, payload = kinds.of(*key), dict[str, Any]()
    for path in outermost(kind.reads):
        try:
            payloads.path_in(payload, path, data.draw(ODD))
        except (TypeError, AttributeError):
            continue
    parts = kinds.parts(*key, payload)
    assert all(part.text and len(part.text) < 1_500 for part in parts)
    assert kind.line(kind.read(payload)) == kind.line(payload)
    assert telling.tone(parts) in Tone


@given(st.dictionaries(NAMES, ODD, max_size=4))
def test_a_kind_that_nobody_declared_is_told_by_its_first_plain_values(payload: dict[str, Any]) -> None:
    assert len(kinds.parts("company", "rumour", payload)) <= telling.MOST_PARTS
    told = kinds.parts("company", "rumour", {"co_proposal": {"author": "scout", "size": 3, "more": {}}})
    assert telling.text(told) == "author scout · size 3"


#: Where kinds are said: everywhere but where they are declared and shown.
SAYING = "\n".join(
    path.read_text()
    for app in ("strands", "curators", "portfolio", "tradingops")
    for path in (reference.ROOT / app).rglob("*.py")
    if not {"kinds", "console", "migrations"} & set(path.parts)
)


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_kind_is_said_by_somebody_or_says_that_it_is_reserved(role: str, name: str) -> None:
    kind = kinds.of(role, name)
    said = f'"{name}"' in SAYING or f".{name.upper()}.name" in SAYING
    assert "reserved" in kind.means + kind.unheard or said, f"{role} {name}: nobody says it"


# --- tags


def test_every_tag_is_carried_by_a_kind_and_every_hearer_is_a_tag() -> None:
    carried = {tag for kind in kinds.KINDS.values() for tag in kind.hearers}
    assert carried == tags.TAGS.keys()


def test_kinds_of_one_name_look_and_mean_the_same_whoever_says_them() -> None:
    faces = {(kind.name, kind.look, kind.means) for kind in kinds.KINDS.values()}
    assert len(faces) == len(kinds.LOOKS)


def test_a_columns_type_is_the_same_in_every_kind_and_what_waits_is_filled_by_none() -> None:
    for role in kinds.ROLES.values():
        assert not set(role.waiting) & {name for kind in role.kinds for name in kind.columns}
        assert all(role.waiting.values())
        assert list(role.columns)[-1] == "lesson_metadata"
        assert len(role.names) == len(set(role.names))


# --- what is said and not declared


def told(**given: Any) -> str:
    wire = MemoryWire()
    with pytest.raises(declared.Undeclared) as fault:
        wire.publish([first(**{"module": "trader", "kind": "fill", "at": toys.T0, **given})])
    assert wire.strands == {}
    return str(fault.value)


def test_what_is_not_declared_is_refused_with_the_rule_and_the_way_out() -> None:
    assert told(kind="gossip").startswith("trader 'gossip': no such kind; trader says order, cancel, ")
    assert told(payload={"tr_mood": {}}) == (
        "trader 'fill': tr_mood: no such column; it has decision_id, fills, position_data; "
        "declare it in strands/kinds/trader.py"
    )
    assert told(tags=["venue:submit_order"]) == (
        "trader 'fill': venue:submit_order: no tag of this kind; it goes to dm:execution_feedback, "
        "risk:execution_feedback; declare it in strands/kinds/trader.py"
    )
    assert told(module="alpha", kind="anomaly", tags=["dm:risk_update"]).startswith(
        "alpha 'anomaly': dm:risk_update: no tag of this kind; it goes to nobody (people read it"
    )
    assert "no such role; roles are alpha, dm, " in told(module="gossip")


def test_tags_of_the_open_families_may_be_on_any_strand() -> None:
    strand = first(
        module="trader", kind="fill", at=toys.T0, tags=["priority:high", "learning:x"], payload={"fills": []}
    )
    assert MemoryWire().publish([strand]) == 1


def test_a_stand_in_is_said_and_in_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_STAND_INS", {})
    declared.stand_in("trader", replace(trader.FILL, name="toy_fill"))
    strand = first(module="trader", kind="toy_fill", at=toys.T0, tags=trader.FILL.hearers, payload={"fills": []})
    assert MemoryWire().publish([strand]) == 1
    assert "toy_fill" not in kinds.ROLES["trader"].names


def test_an_unknown_kind_is_asked_for_in_vain() -> None:
    with pytest.raises(kinds.UnknownKind, match="trader declares no 'gossip'"):
        kinds.of("trader", "gossip")


def test_an_alias_is_held_to_what_its_tag_may_carry_and_an_unknown_tag_is_refused() -> None:
    made = first(module="risk", kind="risk_update", at=toys.T0)
    for tag, fault in (("dm:evaluate", declared.Undeclared), ("dm:nope", tags.UnknownTag)):
        with pytest.raises(fault, match="dm:"):
            declared.check(replace(made, tags=(tag,)))
