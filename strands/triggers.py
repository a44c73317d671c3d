"""Rules the database holds for strand tables: known tags, one delivery a listener, content that never changes."""

from __future__ import annotations

import json
from typing import Any

import pgtrigger
from django.db.models import BooleanField, Func

from strands import tables, tags
from strands.rulings import triggers as rulings

#: A session of the tables' owner that sets this to ``on`` may delete what is append-only: retention, reprojecting, and
#: tests that empty their tables. For anybody else it changes nothing.
MAY_ERASE = "tradingops.may_erase"
#: ``on`` adds document 002's notifications, one channel a tag with the strand's id, for observers outside.
OBSERVER_CHANNELS = "tradingops.observer_channels"
#: Listeners, by commas, whose turns the transaction has recorded before it says what they were about: for them nothing
#: is left waiting. It only tells for whom to look: what has no record of its turn is delivered all the same.
HANDLED_HERE = "tradingops.handled_here"
#: Wakes the console's live stream.
STREAM_CHANNEL = "tradingops_stream"
#: Lanes that the partitions of a listener are spread over.
LANES = 64

#: A tag that was taken off and put back: what its listener has handled is not delivered again.
HANDLED_BEFORE = """EXISTS (SELECT FROM module_messages AS turn WHERE turn.strand_id = said.id
                             AND turn.tag = address.tag AND turn.status = 'delivered')"""

#: The rules that hold in every session, a replica's too: those that refuse.
GUARDS = ("content_stays", "nothing_is_erased", "nothing_is_truncated", "orders_obey_halts", "records_stay",
          "tags_are_only_added_to")  # fmt: skip
#: The rules that write what nobody may write by hand.
WRITES_FOR_ITS_OWNER = ("halts_are_kept", "alerts_halt", "equity_ranges_follow")

_MAY_ERASE = f"""COALESCE(current_setting('{MAY_ERASE}', true), '') = 'on'
               AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')"""


class TagsAreAnArray(Func):
    """The condition that a strand's tags are a JSON array."""

    template = "jsonb_typeof(tags) = 'array'"
    output_field = BooleanField()
    conditional = True


def of_strands(table: tables.Table) -> list[pgtrigger.Trigger]:
    """Return the rules of one strand table."""
    return [
        *(rulings.of_people() if table.module == "op" else ()),
        *((rulings.AlertsHalt(),) if table.module == "risk" else ()),
        KnownTags(table),
        rulings.OrdersObeyHalts(table),
        Deliver(name="deliver", operation=pgtrigger.Insert),
        Deliver(name="deliver_added_tags", operation=pgtrigger.Update),
        ContentStays(name="content_stays"),
        TagsAreOnlyAddedTo(name="tags_are_only_added_to"),
        *_erased_by_nobody("strands"),
    ]


def of_records(what: str) -> list[pgtrigger.Trigger]:
    """Return the rules of a table of records, named by ``what``: they are added to, and that is all."""
    return [RecordsStay(what), *_erased_by_nobody(what)]


def _erased_by_nobody(what: str) -> list[pgtrigger.Trigger]:
    return [
        NothingIsErased(what, name="nothing_is_erased", operation=pgtrigger.Delete, level=pgtrigger.Row),
        NothingIsErased(what, name="nothing_is_truncated", operation=pgtrigger.Truncate, level=pgtrigger.Statement),
    ]


class KnownTags(pgtrigger.Trigger):
    """Write tags under their canonical names, and refuse unknown ones.

    The condition is one containment test in C, so that a strand whose tags are all canonical costs no function call.
    """

    name = "known_tags"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("tags")
    declare = [("given", "text"), ("found", "text"), ("kept", "jsonb := '[]'::jsonb")]

    def __init__(self, table: tables.Table) -> None:
        canonical = _literal(json.dumps(sorted(tags.TAGS)))
        spelling = f" OR NEW.module <> '{table.spoken}'" if table.spoken != table.module else ""
        self.table_of_strands = table
        super().__init__(condition=pgtrigger.Condition(f"NOT (NEW.tags <@ {canonical}::jsonb){spelling}"))

    def get_func(self, model: Any) -> str:
        table = self.table_of_strands
        aliases = _literal(json.dumps(dict(sorted(tags.ALIASES.items()))))
        families = ", ".join(tags.OPEN_FAMILIES)
        known = ", ".join(sorted([*tags.TAGS, *tags.ALIASES]))
        return f"""
            IF NEW.module = '{table.module}' THEN NEW.module := '{table.spoken}'; END IF;
            IF jsonb_typeof(NEW.tags) <> 'array' THEN
                RAISE EXCEPTION 'tags: % is not an array of strings', left(NEW.tags::text, 80)
                      USING ERRCODE = 'check_violation', HINT = 'Give a JSON array such as ["dm:evaluate_plan"].';
            END IF;
            FOR given IN SELECT jsonb_array_elements_text(NEW.tags) LOOP
                IF given IS NULL THEN
                    RAISE EXCEPTION 'tags: null is no tag'
                          USING ERRCODE = 'check_violation', HINT = 'Give strings such as "dm:evaluate_plan".';
                END IF;
                found := COALESCE({aliases}::jsonb ->> given, given);
                IF NOT {_literal(json.dumps(sorted(tags.TAGS)))}::jsonb ? found
                   AND found !~ '^({"|".join(tags.OPEN_FAMILIES)}):.' THEN
                    RAISE EXCEPTION 'tags: "%" is not a known tag', given
                          USING ERRCODE = 'check_violation',
                                HINT = 'Known are {known}; open families are {families}.';
                END IF;
                IF found ~ '^priority:' AND found !~ '^priority:({"|".join(tags.PRIORITIES)})$' THEN
                    RAISE EXCEPTION 'tags: "%" names no priority', given
                          USING ERRCODE = 'check_violation', HINT = 'It is one of {", ".join(tags.PRIORITIES)}.';
                END IF;
                IF found ~ '^timeout:' AND (found !~ '^timeout:[1-9][0-9]{{0,7}}$'
                                            OR split_part(found, ':', 2)::int > {tags.LONGEST_TTL}) THEN
                    RAISE EXCEPTION 'tags: "%" names no time to live', given
                          USING ERRCODE = 'check_violation', HINT = 'Give whole seconds from 1 to {tags.LONGEST_TTL}.';
                END IF;
                IF found ~ '^original_strand:' AND NEW.parent_id IS NULL THEN
                    NEW.parent_id := split_part(found, ':', 2);
                END IF;
                IF NOT kept ? found THEN kept := kept || to_jsonb(found); END IF;
            END LOOP;
            NEW.tags := kept;
            RETURN NEW;
        """


class Deliver(pgtrigger.Trigger):
    """Leave one delivery per strand and listener, and wake each listener once a statement.

    An update delivers only the tags that it added. The strands are read in the order of the statement, and so queued.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    declare = [("woken", "text[]"), ("listener_name", "text"), ("seen", "record")]

    def __init__(self, **options: Any) -> None:
        operation = options["operation"]
        self.adds = operation == pgtrigger.Update
        old = "before" if self.adds else None
        super().__init__(referencing=pgtrigger.Referencing(new="said", old=old), **options)

    def get_func(self, model: Any) -> str:
        source = "said JOIN before ON before.id = said.id" if self.adds else "said"
        news = f"NOT before.tags ? address.tag AND NOT ({HANDLED_BEFORE})" if self.adds else "true"
        return f"""
            WITH told AS (
                INSERT INTO deliveries (listener, strand_table, strand_id, tag, partition, lane, priority, ttl_seconds,
                                        not_before, expires_at)
                SELECT address.listener, '{model._meta.db_table}', said.id, address.tag, place.partition,
                       {lane_of("place.partition")},
                       COALESCE(wish.priority, {_case("priority")}), life.seconds, now(),
                       now() + life.seconds * interval '1 second'
                  FROM {source}
                 CROSS JOIN LATERAL (
                       SELECT split_part(tag, ':', 1) AS listener, tag
                         FROM jsonb_array_elements_text(said.tags) AS tag) AS address
                 CROSS JOIN LATERAL (
                       SELECT CASE WHEN address.listener = ANY ({_names(_by_symbol())})
                                   THEN COALESCE(said.symbol, '') ELSE '' END AS partition) AS place
                 CROSS JOIN LATERAL (
                       SELECT CASE WHEN said.tags::text LIKE '%"priority:%' THEN
                                   (SELECT {_priority_words()} FROM jsonb_array_elements_text(said.tags) AS word
                                     WHERE word LIKE 'priority:%' LIMIT 1) END AS priority) AS wish
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(CASE WHEN said.tags::text LIKE '%"timeout:%' THEN
                                   (SELECT split_part(word, ':', 2)::int
                                      FROM jsonb_array_elements_text(said.tags) AS word
                                     WHERE word LIKE 'timeout:%' LIMIT 1) END, {_case("ttl_seconds")}) AS seconds
                       ) AS life
                 WHERE address.tag = ANY ({_names(tags.TAGS)}) AND {news}
                   AND NOT (address.listener = ANY (
                                string_to_array(COALESCE(current_setting('{HANDLED_HERE}', true), ''), ','))
                            AND EXISTS (SELECT FROM module_messages AS turn
                                         WHERE turn.strand_id = said.id AND turn.listener = address.listener
                                           AND turn.status = 'delivered'))
                ON CONFLICT (strand_id, listener) DO NOTHING
                RETURNING listener, strand_id, tag
            )
            SELECT array_agg(DISTINCT listener) INTO woken FROM told;
            FOREACH listener_name IN ARRAY COALESCE(woken, ARRAY[]::text[]) LOOP
                PERFORM pg_notify('tradingops_' || listener_name, '');
            END LOOP;
            IF EXISTS (SELECT FROM said) THEN
                PERFORM pg_notify('{STREAM_CHANNEL}', '');
            END IF;
            IF COALESCE(current_setting('{OBSERVER_CHANNELS}', true), '') = 'on' THEN
                FOR seen IN SELECT said.id, address.tag
                              FROM {source}, jsonb_array_elements_text(said.tags) AS address(tag)
                             WHERE address.tag = ANY ({_names(tags.TAGS)}) AND {news} LOOP
                    PERFORM pg_notify(replace(seen.tag, ':', '_'), seen.id);
                END LOOP;
            END IF;
            RETURN NULL;
        """


class TurnsTellWhatTheyWereGiven(pgtrigger.Trigger):
    """Refuse the record of a turn that does not tell the last ruling known to it: its worker knows of none.

    Such a worker is of a version that knew no rulings, and would trade through a halt. Class 55 is no turn's fault, so
    it rolls back and waits until it is stopped; what it took stays where it was.
    """

    name = "turns_tell_what_they_were_given"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    condition = pgtrigger.Q(new__listener__isnull=False, new__given__isnull=True)
    func = """
        RAISE EXCEPTION 'turn of %: it does not tell the last ruling it was given', NEW.listener
              USING ERRCODE = 'object_not_in_prerequisite_state',
                    HINT = 'This worker is of an earlier version: stop it, and start the one that is deployed.';
    """


class StatesTakenOverAreKept(pgtrigger.Trigger):
    """Keep the state that a version of a module takes over from another: where the turns of the new version begin."""

    name = "states_taken_over_are_kept"
    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Q(old__version__df=pgtrigger.F("new__version"))
    func = """
        INSERT INTO module_takeovers (listener, partition, state, from_version, to_version)
        VALUES (OLD.listener, OLD.partition, OLD.state, OLD.version, NEW.version);
        RETURN NEW;
    """


class TagsAreOnlyAddedTo(pgtrigger.Trigger):
    """Keep every tag that a strand has: whom it was addressed to is part of what was said.

    An update that names other tags adds them, as document 002 sends a plan; one that adds none is refused.
    """

    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("tags")
    condition = pgtrigger.Condition("NOT (NEW.tags @> OLD.tags)")
    declare = [("added", "jsonb")]
    func = """
        SELECT jsonb_agg(tag ORDER BY place) INTO added
          FROM jsonb_array_elements(NEW.tags) WITH ORDINALITY AS each (tag, place) WHERE NOT OLD.tags @> tag;
        IF added IS NULL THEN
            RAISE EXCEPTION 'strand %: tags are only added to, none is taken off', OLD.id
                  USING ERRCODE = 'check_violation', HINT = 'Give the tags that it has, and the new one after them.';
        END IF;
        NEW.tags := OLD.tags || added;
        RETURN NEW;
    """


class ContentStays(pgtrigger.Trigger):
    """Refuse a change to anything but a strand's tags: what was said stays said."""

    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.AnyChange(exclude=["tags", "updated_at"])
    func = """
        RAISE EXCEPTION 'strand %: what was said stays said; only tags may be added to', OLD.id
              USING ERRCODE = 'check_violation', HINT = 'To correct a strand, say another with this one as its parent.';
    """


class RecordsStay(pgtrigger.Trigger):
    """Refuse to change a record."""

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(name="records_stay")

    def get_func(self, model: Any) -> str:
        return f"""
            RAISE EXCEPTION '{self.what} are append-only: % refused on %', TG_OP, TG_TABLE_NAME
                  USING ERRCODE = 'check_violation', HINT = 'To correct one, add another.';
        """


class NothingIsErased(pgtrigger.Trigger):
    """Refuse to delete what is append-only, except in a session of retention, which is the owner's."""

    when = pgtrigger.Before

    def __init__(self, what: str = "strands", **options: Any) -> None:
        self.what = what
        super().__init__(**options)

    def get_func(self, model: Any) -> str:
        passed = "OLD" if self.level == pgtrigger.Row else "NULL"
        return f"""
            IF {_MAY_ERASE} THEN RETURN {passed}; END IF;
            RAISE EXCEPTION '{self.what} are append-only: % refused on %', TG_OP, TG_TABLE_NAME
                  USING ERRCODE = 'check_violation',
                        HINT = 'To correct one, say another; only retention removes any, by whole months.';
        """


def lane_of(partition: str) -> str:
    """Return SQL for the lane of a partition, which is itself SQL."""
    return f"('x' || left(md5({partition}), 2))::bit(8)::int % {LANES}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _names(names: Any) -> str:
    return "ARRAY[" + ", ".join(_literal(name) for name in sorted(names)) + "]::text[]"


def _by_symbol() -> list[str]:
    return [name for name, listener in tags.LISTENERS.items() if listener.partition == tags.BY_SYMBOL]


def _case(attribute: str) -> str:
    """Return an SQL CASE that gives a tag's own priority or time to live."""
    groups: dict[int, list[str]] = {}
    for tag in tags.TAGS.values():
        groups.setdefault(getattr(tag, attribute), []).append(tag.name)
    common = max(groups, key=lambda value: (len(groups[value]), value))
    rest = sorted((value, names) for value, names in groups.items() if value != common)
    whens = " ".join(f"WHEN address.tag = ANY ({_names(names)}) THEN {value}" for value, names in rest)
    return f"(CASE {whens} ELSE {common} END)"


def _priority_words() -> str:
    whens = " ".join(f"WHEN {_literal('priority:' + word)} THEN {number}" for word, number in tags.PRIORITIES.items())
    return f"CASE word {whens} END"
