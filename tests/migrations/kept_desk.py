"""A desk kept as one version left it, so that every later one can show that it takes it over.

    python -m tests.migrations.kept_desk --write    fill a desk with this checkout's code, and keep it

The desk lives through a simulated market on a database of its own: turn by turn, in lockstep and by a worker that lags,
while people change policies, halt and resume, decide on a lesson and leave notes, by plain SQL. The file holds the rows
of every table of ours (but those of minutes for people, which hold the bars once more), the migrations they were
written under, the versions of the modules, and what the same code said when the market then went on. It is written by
a version before its modules' answers or tables change, so to renew it is to run this with that version's checkout:

    cd CHECKOUT && PYTHONPATH=. .venv/bin/python -P HERE/tests/migrations/kept_desk.py --write
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

KEPT = Path(__file__).resolve().parent.parent / "data" / "desk_of_the_version_before.json.xz"

SYMBOLS, SEED = ("BTC", "ETH", "SOL"), 4
#: Moments (minutes) that the desk is filled over, and those that it then goes on for.
FILLED, GOES_ON = 480, 160
#: So little makes a signal and so little a lesson that hours teach; said as policies, for they are to be taken over.
EAGER_TO_LEARN = {
    "lessons": {"braid_score": 1.0, "meta_braid_score": 2.0, "min_members": 2, "min_confidence": 0.0},
    "curators": {"learning": {"min_outcomes": 1}},
}
EAGER_TO_SIGNAL = {
    **EAGER_TO_LEARN,
    "cooldown_minutes": 0,
    "min_detection": 0.5,
    "min_confidence": 0.5,
    "min_strength": 0.4,
}
MARKET = {"market.feature.pattern.breakout_margin": 0.0005}

#: A word of people: kind, tags, symbol, column, value.
Word = tuple[str, list[str], str | None, str | None, Any]


def policy(module: str, value: Any, symbol: str | None = None) -> Word:
    return ("policy_changed", [f"{module}:policy_changed"], symbol, "op_policy", value)


def halt(scope: str, state: str) -> Word:
    return ("halt", ["dm:halt"], None, "op_halt", {"scope": scope, "state": state})


#: What people say before a moment of the market.
WORDS: Mapping[int, Sequence[Word]] = {
    0: [
        *(policy("alpha", EAGER_TO_SIGNAL, symbol) for symbol in SYMBOLS),
        *(policy("trader", EAGER_TO_LEARN, symbol) for symbol in SYMBOLS),
        policy("dm", EAGER_TO_LEARN),
    ],
    120: [
        ("note", [], None, "op_note", {"by": "chief", "note": "a desk of its own"}),
        policy("dm", {"min_confidence": 0.5, "max_exposure": 0.4}),
        policy("dm", {"min_confidence": 7}),
        policy("risk", {"no_such_number": 1}),
        policy("alpha", "minutes=5", "SOL"),
    ],
    362: [halt("desk", "reduce-only"), policy("risk", {"max_position": 0.2})],
    368: [halt("desk", "halted"), policy("trader", {"max_venues": 2}, "BTC")],
    372: [halt("desk", "active"), halt("desk", "asleep")],
    400: [policy("alpha", {"min_strength": 0.45}, "ETH"), policy("trader", {"uptime": None, "max_venues": 0}, "ETH")],
    464: [halt("symbol:ETH", "reduce-only"), policy("dm", {"max_exposure": None})],
}
#: Before this moment people decide on the lessons there are, one retired, one active.
VERDICTS = 420
#: What nobody has taken yet when the desk is kept.
WAITING = [policy("risk", {"max_position": 0.25}), halt("symbol:SOL", "halted")]

#: Stretches of moments, and how they are played.
STRETCHES = (
    *((0, 300, "lockstep"), (300, 372, "turns"), (372, 410, "lockstep"), (410, 440, "turns"), (440, 464, "lagging")),
    (464, FILLED, "lockstep"),
)

TABLES = """
    SELECT relname, array(SELECT attname::text FROM pg_attribute
                           WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                           ORDER BY attnum)
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND relname !~ '^(django|auth)_' ORDER BY relname
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE sequencename !~ '^(django|auth)_'"
LESSONS = "SELECT id, module, symbol FROM {table} WHERE kind = 'braid' ORDER BY id"
SAID = "SELECT id, row_to_json(strand)::text FROM {table} AS strand"
#: Rows for people that hold every bar a second time.
AGAIN = "market_data_1m"
#: Of a strand's row, what the database and not the desk says.
OF_THE_DATABASE = ("said", "created_at", "updated_at")


# --- the desk


def wire() -> Any:
    """Return the wire of a desk; a strand that fails is tried twice and set aside."""
    from strands.retry import RetryPolicy
    from tradingops import connections, environments

    made = environments.wire(connections.wire)
    # Set here and not given: how a wire is made differs from version to version, and this runs with any of them.
    made._retry = RetryPolicy(attempts=2, first_seconds=0.0)
    return made


def moments() -> list[tuple[datetime, list[Any]]]:
    """Return the market's moments, those of the filling and those after it."""
    from tests.acceptance import markets
    from tradingops import environments

    bars = markets.simulated(*SYMBOLS, moments=FILLED + GOES_ON, seed=SEED)
    return list(environments.market_data(MARKET).moments([[bars]]))


def play(on: Any, told: Sequence[tuple[datetime, list[Any]]], how: str) -> None:
    """Let a desk hear moments: each till it is quiet, or many together, or all published before the first is taken."""
    from strands.wires.lockstep import Lockstep
    from tradingops import engine, environments, listening

    modules = list(environments.modules().values())
    engine.drain(modules, on, engine.market_time)
    if how == "lockstep":
        lockstep = Lockstep(on, modules, engine.market_time)
        for start in range(0, len(told), 37):
            lockstep.play([strands for _, strands in told[start : start + 37]])
        return
    for start in range(0, len(told), 12 if how == "lagging" else 1):
        for _, strands in told[start : start + (12 if how == "lagging" else 1)]:
            on.publish(strands)
        if how == "lagging":
            listening.Worker(modules, on, engine.market_time).run(once=True)
        else:
            engine.drain(modules, on, engine.market_time)


def fill() -> None:
    """Let a desk on the database at hand live through the market, with all that people say meanwhile."""
    on, told = wire(), moments()
    for begin, end, how in STRETCHES:
        cuts = sorted({begin, end, *(at for at in (*WORDS, VERDICTS) if begin < at < end)})
        for start, stop in itertools.pairwise(cuts):
            say(on, told[start][0], WORDS.get(start, ()))
            if start == VERDICTS:
                say(on, told[start][0], list(verdicts(on)))
            play(on, told[start:stop], how)
    say(on, told[FILLED][0], WAITING)
    on.close()


def go_on() -> None:
    """Let the market go on for a desk that was filled: first turn by turn, then in lockstep."""
    on, told = wire(), moments()
    play(on, told[FILLED : FILLED + 60], "turns")
    play(on, told[FILLED + 60 :], "lockstep")
    on.close()


def say(on: Any, at: datetime, words: Sequence[Word]) -> None:
    """Say something as people do: a row in their table, and the rules of the database do the rest."""
    for kind, tags, symbol, column, value in words:
        on.connection.execute(
            f"INSERT INTO op_strands (id, kind, tags, symbol, at, {column}) "
            "VALUES (gen_random_uuid()::text, %s, %s, %s, %s, %s)",
            [kind, json.dumps(tags), symbol, at, json.dumps(value)],
        )


def verdicts(on: Any) -> Iterator[Word]:
    """Yield a verdict on a lesson of each module that has one: some are retired, others active."""
    for nth, table in enumerate(("ad_strands", "dm_strands", "tr_strands")):
        for identity, module, symbol in on.connection.execute(LESSONS.format(table=table)).fetchall()[:1]:
            standing = "active" if nth else "retired"
            value = {"lesson_id": identity, "standing": standing, "by": "chief", "note": "seen enough"}
            listener = {"tr": "trader"}.get(module, module)
            yield ("lesson_verdict", [f"{listener}:lesson"], symbol, "op_verdict", value)


def said(connection: Any) -> dict[str, str]:
    """Return a digest of each strand on the wire, by id."""
    from strands import tables

    found = {}
    for table in tables.TABLES.values():
        for identity, text in connection.execute(SAID.format(table=table.name)).fetchall():
            row = {name: value for name, value in json.loads(text).items() if name not in OF_THE_DATABASE}
            row = {name: value for name, value in row.items() if value is not None}
            found[identity] = sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:12]
    return found


# --- the file


def dump(connection: Any) -> dict[str, Any]:
    """Return every row of ours, with the migrations they were written under."""
    rows = {}
    for table, columns in connection.execute(TABLES).fetchall():
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor().copy(f"COPY (SELECT {names} FROM {table} ORDER BY 1) TO STDOUT") as copy:
            text = b"".join(bytes(part) for part in copy).decode()
        if text and table != AGAIN:
            rows[table] = {"columns": columns, "rows": text}
    applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    return {
        "migrations": [list(each) for each in applied],
        "sequences": dict(connection.execute(SEQUENCES).fetchall()),
        "tables": rows,
    }


def load(connection: Any, kept: Mapping[str, Any]) -> None:
    """Put the rows of a kept desk into a database that is migrated as theirs was, without any rule stirring."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        tables = ", ".join(table for table, _ in connection.execute(TABLES).fetchall())
        connection.execute(f"TRUNCATE {tables}")
        for table, held in kept["tables"].items():
            names = ", ".join(f'"{name}"' for name in held["columns"])
            with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(held["rows"])
        for sequence, last in kept["sequences"].items():
            if last is not None:
                connection.execute("SELECT setval(%s::regclass, %s)", [sequence, last])


def read() -> dict[str, Any]:
    """Return the desk that is kept."""
    with lzma.open(KEPT, "rt") as file:
        found: dict[str, Any] = json.load(file)
    return found


def write() -> None:
    """Fill a desk on a database of its own, and keep it."""
    from tests.benchmarks import scratch

    with scratch.database("kept"):
        from tradingops import connections, environments

        fill()
        with connections.wire() as connection:
            kept = dump(connection)
            before = said(connection)
            go_on()
            after = said(connection)
        kept["versions"] = {name: module.version for name, module in environments.modules().items()}
        kept["went_on"] = {identity: digest for identity, digest in after.items() if identity not in before}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_bytes(lzma.compress(json.dumps(kept, separators=(",", ":")).encode(), preset=9))
    sizes = {table: held["rows"].count("\n") for table, held in kept["tables"].items()}
    print(json.dumps({"bytes": KEPT.stat().st_size, "rows": sizes, "went_on": len(kept["went_on"])}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", required=True, help="fill a desk and keep it")
    parser.parse_args()
    write()


if __name__ == "__main__":
    main()
