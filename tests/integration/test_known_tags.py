"""The database knows every word on the wire, and writes each one way."""

from __future__ import annotations

import json

import pytest

from strands import tables, tags
from tests import sessions

INSERT = "INSERT INTO ad_strands (id, tags) VALUES ('S1', %s)"


def written(session: sessions.Session, given: list[str]) -> list[str]:
    sessions.insert(session, "ad_strands", id="S1", tags=given)
    [(kept,)] = sessions.rows(session, "SELECT tags FROM ad_strands WHERE id = 'S1'")
    return kept


@pytest.mark.parametrize("table", sorted(tables.BY_NAME))
def test_every_canonical_tag_is_taken_as_it_is(session: sessions.Session, table: str) -> None:
    sessions.insert(session, table, id="S1", tags=list(tags.TAGS))
    assert sessions.rows(session, f"SELECT tags FROM {table}") == [(list(tags.TAGS),)]


@pytest.mark.parametrize(("alias", "canonical"), sorted(tags.ALIASES.items()))
def test_an_alias_is_written_under_its_canonical_name(session: sessions.Session, alias: str, canonical: str) -> None:
    assert written(session, [alias, "learning:x"]) == [canonical, "learning:x"]


def test_a_tag_and_its_alias_are_one(session: sessions.Session) -> None:
    assert written(session, ["dm:evaluate", "dm:evaluate_plan"]) == ["dm:evaluate_plan"]


@pytest.mark.parametrize("word", ["dm:think_hard", "evaluate_plan", "dm:", "", "priority", "learning:", "DM:EVALUATE"])
def test_an_unknown_tag_is_refused_with_the_known_ones(session: sessions.Session, word: str) -> None:
    refused = sessions.words(sessions.refusal(session, INSERT, json.dumps(["learning:x", word])))
    assert f'tags: "{word}" is not a known tag' in refused
    assert all(known in refused for known in (*tags.TAGS, *tags.ALIASES, *tags.OPEN_FAMILIES))


@pytest.mark.parametrize(
    "word",
    ["priority:high", "timeout:1", "timeout:31536000", "original_strand:AD_1", "learning:é", "error:x", "expired:a:b"],
)
def test_an_open_family_takes_its_words(session: sessions.Session, word: str) -> None:
    assert written(session, [word]) == [word]


@pytest.mark.parametrize(
    "word", ["priority:odd", "priority:HIGH", "timeout:soon", "timeout:0", "timeout:-1", "timeout:1.5"]
)
def test_a_family_with_a_meaning_refuses_words_without_one(session: sessions.Session, word: str) -> None:
    refused = sessions.words(sessions.refusal(session, INSERT, json.dumps([word])))
    assert f'tags: "{word}" names no' in refused


@pytest.mark.parametrize("value", ['"dm:evaluate_plan"', "{}", '{"dm:evaluate_plan": 1}', "1", "null", "true"])
def test_tags_that_are_no_array_are_refused(session: sessions.Session, value: str) -> None:
    refused = sessions.words(sessions.refusal(session, INSERT, value))
    assert "is not an array" in refused or "ad_strands_tags_are_an_array" in refused


@pytest.mark.parametrize("value", ["[1]", "[true]", '[["dm:evaluate_plan"]]', '[{"a": 1}]'])
def test_a_tag_that_is_no_string_is_refused(session: sessions.Session, value: str) -> None:
    assert "is not a known tag" in sessions.words(sessions.refusal(session, INSERT, value))


def test_a_strand_without_tags_has_none(session: sessions.Session) -> None:
    sessions.insert(session, "ad_strands", id="S1")
    assert sessions.rows(session, "SELECT tags FROM ad_strands") == [([],)]


def test_no_strand_has_unknown_tags(session: sessions.Session) -> None:
    assert sessions.refusal(session, INSERT, None).sqlstate == "23502"


def test_the_original_strand_is_the_parent(session: sessions.Session) -> None:
    sessions.insert(session, "dm_strands", id="S1", tags=["original_strand:AD_1a2b3c4d5e6f"])
    assert sessions.rows(session, "SELECT parent_id FROM dm_strands") == [("AD_1a2b3c4d5e6f",)]


def test_a_parent_that_is_named_stays(session: sessions.Session) -> None:
    sessions.insert(session, "dm_strands", id="S1", parent_id="P", tags=["original_strand:Q"])
    assert sessions.rows(session, "SELECT parent_id FROM dm_strands") == [("P",)]


def test_an_update_that_adds_an_unknown_tag_is_refused(session: sessions.Session) -> None:
    sessions.insert(session, "ad_strands", id="S1", tags=["dm:evaluate_plan"])
    refused = sessions.refusal(session, "UPDATE ad_strands SET tags = tags || '[\"dm:think_hard\"]'")
    assert '"dm:think_hard" is not a known tag' in sessions.words(refused)


def test_an_update_that_adds_an_alias_writes_the_canonical_name(session: sessions.Session) -> None:
    sessions.insert(session, "dm_strands", id="S1")
    session.execute("UPDATE dm_strands SET tags = tags || '[\"tr:execute\"]'")
    assert sessions.rows(session, "SELECT tags FROM dm_strands") == [(["trader:execute_plan"],)]


def test_the_database_and_the_code_know_the_same_words(session: sessions.Session) -> None:
    """Each word alone, over the whole registry and beside it, is taken by both or by neither."""
    odd = [
        "dm:lesson2",
        "market:halt",
        "op:halt",
        "tr:halt",
        "priority:medium",
        "timeout:00",
        "timeout:5",
        "expired:",
        "error: ",
    ]
    for word in (*tags.TAGS, *tags.ALIASES, *odd):
        try:
            wanted: str | None = tags.canonical(word)
        except ValueError:
            wanted = None
        try:
            with session.transaction(force_rollback=True):
                kept: str | None = written(session, [word])[0]
        except sessions.psycopg.Error:
            kept = None
        assert (word, kept) == (word, wanted)


@pytest.mark.parametrize("given", ["[null]", '["dm:evaluate_plan", null]'])
def test_null_is_no_tag(session: sessions.Session, given: str) -> None:
    assert "null is no tag" in sessions.words(sessions.refusal(session, INSERT, given))


def test_a_time_to_live_ends_with_a_year(session: sessions.Session) -> None:
    assert "names no time to live" in sessions.words(sessions.refusal(session, INSERT, '["timeout:31536001"]'))
    session.execute(INSERT, ['["timeout:31536000"]'])
