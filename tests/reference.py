"""What the code knows, as the tables of the reference pages.

    python -m tests.reference            say which pages differ from the code
    python -m tests.reference --write    write the tables anew

A page holds hand-written words around blocks between ``<!-- generated: NAME -->`` and ``<!-- end -->``; each block
is one function's text here.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITE = "python -m tests.reference --write"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
OURS = ("strands", "curators", "portfolio", "tradingops")
OPTIONS_OF_DJANGO = {
    *("help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"),
}


def pages() -> list[Path]:
    """Return every page of the documentation, and the README."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def rewritten(text: str) -> str:
    """Return a page with its generated blocks as the code has them today; raises KeyError for an unknown block."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n\n{found[3]}", text)


def stale() -> dict[Path, str]:
    """Return the pages that differ from the code, and what they should be."""
    written = {page: page.read_text() for page in pages()}
    return {page: after for page, text in written.items() if (after := rewritten(text)) != text}


# --- tables in Markdown


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(value: object) -> str:
    return f"`{value}`" if value not in (None, "") else ""


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


# --- the wire


def tags_table() -> str:
    from strands import tags

    words = {number: word for word, number in tags.PRIORITIES.items()}
    headings = ("tag", "heard by", "priority", "lives [s]", "message type", "also written")
    return table(
        headings,
        (
            (
                code(tag.name),
                code(tag.listener),
                words[tag.priority],
                tag.ttl_seconds,
                code(tag.message_type),
                ", ".join(map(code, tag.aliases)),
            )
            for tag in tags.TAGS.values()
        ),
    )


def open_families() -> str:
    from strands import tags

    return ", ".join(code(f"{family}:…") for family in tags.OPEN_FAMILIES)


def listeners() -> str:
    from strands import tags

    return table(
        ("listener", "channel that wakes it", "its state is kept"),
        (
            (code(each.name), code(each.channel), "a symbol" if each.partition == tags.BY_SYMBOL else "once")
            for each in tags.LISTENERS.values()
        ),
    )


def strand_tables() -> str:
    from strands import tables

    return table(
        ("table", "written by", "`module` in its rows", "payload columns"),
        (
            (code(each.name), code(each.module), code(each.spoken), ", ".join(map(code, each.payload)))
            for each in tables.TABLES.values()
        ),
    )


def kinds_tables() -> str:
    from strands import kinds

    return "\n\n".join(_kinds_of(role) for role in kinds.ROLES.values())


def _kinds_of(role: Any) -> str:
    rows = (
        (
            code(kind.name),
            kind.means,
            "; ".join(filter(None, (", ".join(map(code, kind.hearers)), kind.unheard and f"nobody: {kind.unheard}"))),
            ", ".join(map(code, kind.columns)),
        )
        for kind in role.kinds
    )
    waiting = "".join(f"\n\n{code(name)} waits for a kind: {why}." for name, why in role.waiting.items())
    return f"### {code(role.name)}\n\n{table(('kind', 'what it is', 'heard by', 'payload columns'), rows)}{waiting}"


# --- the database


def tables_of_the_database() -> str:
    from django.apps import apps

    models = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    return "\n\n".join(_section(model) for model in models)


def _section(model: Any) -> str:
    from django.db import connection

    columns = table(
        ("column", "type", "may be empty", "default"),
        (
            (
                code(field.column),
                field.db_type(connection),
                "yes" if field.null else "",
                code(_default(field)),
            )
            for field in model._meta.fields
        ),
    )
    return f"### {model._meta.db_table}\n\n{_promise(model)}\n\n{columns}{_rules(model)}"


def _promise(model: Any) -> str:
    """Return a model's own sentence; Django writes a list of fields where there is none."""
    said = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    if not said.startswith(f"{model.__name__}("):
        return " ".join(said.split())
    return " ".join((model.__mro__[1].__doc__ or "").strip().split("\n\n")[0].split())


def _default(field: Any) -> str:
    if not field.has_db_default():
        return ""
    given = field.db_default
    if template := getattr(given, "template", None):
        named = {"RandomUUID": "gen_random_uuid()", "TransactionNow": "now()"}
        return named.get(type(given).__name__, template)
    value = getattr(given, "value", given)
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


def _rules(model: Any) -> str:
    names = [constraint.name for constraint in model._meta.constraints]
    rules = [trigger.name for trigger in getattr(model._meta, "triggers", [])]
    held = f"\n\nConstraints: {', '.join(map(code, names))}." if names else ""
    return held + (f"\n\nTriggers: {', '.join(map(code, rules))}." if rules else "")


# --- settings


def settings_tables() -> str:
    from tradingops import environments

    return "\n\n".join(
        f"## {module}\n\n{_promise_of(policy)}\n\n{_settings(module, policy)}"
        for module, policy in environments.POLICIES.items()
    )


def other_policies() -> str:
    """Policies that no module is built with: they are numbers of the shell, changed in code."""
    return "\n\n".join(
        f"### {policy.__name__}\n\n{_promise_of(policy)}\n\n{_settings('', policy)}" for policy in _of_the_shell()
    )


def _of_the_shell() -> tuple[Any, ...]:
    from strands.lessons.writers.endpoint.policy import WriterPolicy
    from strands.market.feeds.exchange import ExchangePolicy
    from strands.market.feeds.simulated import SimulationPolicy
    from tradingops.console.feed.policy import StreamPolicy
    from tradingops.sign_in.policy import ThrottlePolicy

    return (SimulationPolicy, ExchangePolicy, StreamPolicy, ThrottlePolicy, WriterPolicy)


def _promise_of(policy: Any) -> str:
    return " ".join((policy.__doc__ or "").strip().split("\n\n")[0].split())


def _settings(prefix: str, policy: Any) -> str:
    rows = list(_fields(prefix, policy, policy.model_construct()))
    headings = ("setting", "default", "unit", "range", "what it is")
    parts = [
        f"Each of {code(name)}:\n\n{table(('field', *headings[1:]), _fields('', element, element.model_construct()))}"
        for name, element in _elements(prefix, policy)
    ]
    return "\n\n".join([table(headings, rows), *parts])


def _elements(prefix: str, policy: Any) -> Iterator[tuple[str, Any]]:
    """Yield the settings that hold several values of one shape, with the shape."""
    import pydantic

    for name, field in policy.model_fields.items():
        shapes = [each for each in get_args(field.annotation) if isinstance(each, type)]
        for shape in shapes:
            if issubclass(shape, pydantic.BaseModel):
                yield f"{prefix}.{name}" if prefix else name, shape


def _fields(prefix: str, policy: Any, defaults: Any) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the settings of a policy; those of policies within it under their dotted names."""
    import pydantic

    from tradingops.policies import fields

    for name, field in policy.model_fields.items():
        default = _default_of(field, defaults, name)
        dotted = f"{prefix}.{name}" if prefix else name
        if isinstance(default, pydantic.BaseModel):
            yield from _fields(dotted, type(default), default)
            continue
        words, unit = fields.unit_of(field.description or "")
        shown = "" if field.is_required() and default is None else code(_json(default))
        yield code(dotted), shown, unit, fields.range_of(field), words


def _default_of(field: Any, defaults: Any, name: str) -> Any:
    given = getattr(defaults, name, None)
    if given is None and not field.is_required():
        return field.get_default(call_default_factory=True)
    return given


def _json(value: Any) -> str:
    value = _told(value)
    return json.dumps(value) if isinstance(value, list | dict | bool) or value is None else str(value)


def _told(value: Any) -> Any:
    """Return a default as JSON shows it."""
    import pydantic

    if isinstance(value, pydantic.BaseModel):
        return _told({name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, Mapping):
        return {str(_told(key)): _told(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_told(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return format(value, "f") if isinstance(value, Decimal) else value


# --- gates


def gates_table() -> str:
    from tradingops.modules.decision import gates
    from tradingops.modules.decision.policy import DecisionPolicy

    policy = DecisionPolicy()
    return table(
        ("gate", "failing it", "its value must be", "without a value"),
        (
            (
                code(gate.code),
                "rejects" if gate.severity is gates.Severity.HARD else "changes the plan",
                f"{gate.comparison.value} {_json(gate.limit(policy))}",
                "stops no plan" if gate.without is None else "fails",
            )
            for gate in gates.GATES
        ),
    )


# --- the command line and the environment


def own_commands() -> dict[str, Any]:
    """Return the project's own commands by name, as Django would build them."""
    from django.core.management import get_commands, load_command_class

    found = {name: app for name, app in get_commands().items() if isinstance(app, str) and app.split(".")[0] in OURS}
    return {name: load_command_class(app, name) for name, app in sorted(found.items())}


def commands_reference() -> str:
    return "\n\n".join(_command(name, command) for name, command in own_commands().items())


def _command(name: str, command: Any) -> str:
    parser = command.create_parser("manage.py", name)
    actions = [action for action in parser._actions if action.dest not in OPTIONS_OF_DJANGO]
    options = table(("argument", "default", "what it does"), (_option(action) for action in actions))
    return f"## {name}\n\n{' '.join(command.help.split())}\n\n{options}"


def _option(action: argparse.Action) -> tuple[str, str, str]:
    word = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices:
        word = "|".join(map(str, action.choices))
    several = " …" if action.nargs in ("+", "*") else ""
    takes = f" {word}{several}" if action.nargs != 0 else ""
    shown = f"{', '.join(action.option_strings)}{takes}" if action.option_strings else f"{word}{several}"
    plain = action.default not in (None, False, [], "==SUPPRESS==")
    return code(shown), code(action.default) if plain else "", action.help or ""


def environment() -> str:
    from tradingops.environment_variables import VARIABLES

    return table(
        ("variable", "looks like", "default", "what it means"),
        (
            (code(each.name), each.shape, code(each.default), each.meaning + (" *Secret.*" if each.secret else ""))
            for each in VARIABLES.values()
        ),
    )


def model_graph() -> str:
    """Return which table names a row of which other, as a diagram in Mermaid's words."""
    from django.apps import apps
    from django_extensions.management import modelviz

    ours = [each.label for each in apps.get_app_configs() if each.name.partition(".")[0] in OURS and each.models]
    known = {
        (each.__module__.replace(".", "_"), each.__name__): each._meta.db_table
        for each in apps.get_models(include_auto_created=True)
    }
    graphs = modelviz.generate_graph_data(ours, disable_fields=True, disable_abstract_fields=True)["graphs"]
    lines = {
        f"    {known[to['target_app'], to['target']]} ||--{END[to['type']]} {known[each['app_name'], each['name']]} "
        f": {to['name']}"
        for graph in graphs
        for each in graph["models"]
        for to in each["relations"]
        if to["type"] in END
    }
    return "\n".join(["```mermaid", "erDiagram", *sorted(lines), "```"])


#: How many rows may name one, by the kind of relation.
END = {"ForeignKey": "o{", "OneToOneField": "o|", "ManyToManyField": "o{"}

BLOCKS: dict[str, Callable[[], str]] = {
    "tags": tags_table,
    "open-families": open_families,
    "listeners": listeners,
    "kinds": kinds_tables,
    "strand-tables": strand_tables,
    "tables": tables_of_the_database,
    "model-graph": model_graph,
    "settings": settings_tables,
    "other-policies": other_policies,
    "gates": gates_table,
    "commands": commands_reference,
    "environment": environment,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the pages that differ")
    asked = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    import django

    django.setup()
    differing = stale()
    for page, after in differing.items():
        print(f"{page.relative_to(ROOT)}: {'written' if asked.write else 'stale; write it anew: ' + WRITE}")
        if asked.write:
            page.write_text(after)
    sys.exit(int(bool(differing) and not asked.write))


if __name__ == "__main__":
    main()
