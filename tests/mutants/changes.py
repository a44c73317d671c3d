"""Changes: what a slip of the pen may make of a line of Python, or of the SQL in it, one at a time."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
REVERSED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "down": "up", "up": "down"}
NAMES |= {"ROUND_DOWN": "ROUND_UP", "ROUND_FLOOR": "ROUND_CEILING", "ROUND_CEILING": "ROUND_FLOOR"}
#: What SQL may say otherwise: each match of the first is replaced by the second.
SQL = (
    (r"\bORDER BY (\w+\.)?\w+, ", "ORDER BY "),
    (r"(?<=ORDER BY )(\w+\.)?\w+, (?=(\w+\.)?\w+)", ""),
    (r"\bSKIP LOCKED\b", ""),
    (r"\bFOR UPDATE\b[\w ]*", ""),
    (r"\bAND NOT\b", "AND"),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"\bAND\b", "OR"),
    (r"\bOR\b", "AND"),
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<![<>=%-])<(?![<>=])", "<="),
    (r"(?<![<>=-])>(?![<>=])", ">="),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bDESC\b", "ASC"),
    (r"\bmin\(", "max("),
    (r"\bDISTINCT\b", ""),
)


@dataclass(frozen=True)
class Mutant:
    """One change: where it stands, what it makes of what, and the changed file."""

    place: str
    line: int
    before: str
    after: str
    tree: ast.Module


def of(text: str) -> Iterator[Mutant]:
    """Yield a file with each change that it bears, in the order of its lines."""
    whole = ast.parse(text)
    wheres = dict(_places(whole))
    for number, node in enumerate(ast.walk(whole)):
        if id(node) not in wheres:
            continue
        for variant in range(_variants(node)):
            tree = copy.deepcopy(whole)
            changed = next(each for place, each in enumerate(ast.walk(tree)) if place == number)
            before = ast.unparse(changed)
            _change(changed, variant)
            after = ast.unparse(changed)
            if before != after:
                line = getattr(node, "lineno", 0)
                yield Mutant(wheres[id(node)], line, *_apart(before, after), ast.fix_missing_locations(tree))


def _places(node: ast.AST, name: str = "the file") -> Iterator[tuple[int, str]]:
    """Yield each node that may be changed with the name of the function that it stands in."""
    decorators = getattr(node, "decorator_list", [])
    for child in ast.iter_child_nodes(node):
        if child in decorators or _is_silent(child):
            continue
        named = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else name
        yield id(child), named
        yield from _places(child, named)


def _is_silent(node: ast.AST) -> bool:
    """Say whether nothing that runs depends on it: a docstring, an import, an error."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, ast.Import | ast.ImportFrom | ast.Raise)


def _variants(node: ast.AST) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_sql(node.value):
        return sum(len(re.findall(pattern, node.value)) for pattern, _ in SQL)
    if isinstance(node, ast.Compare):
        return len(node.ops)
    return 1


def _is_sql(text: str) -> bool:
    return bool(re.search(r"\b(SELECT|WHERE|ORDER BY|UPDATE|DELETE)\b", text))


def _change(node: ast.AST, variant: int) -> None:
    """Change a node in place; leave one alone that bears no change."""
    match node:
        case ast.Compare():
            node.ops[variant] = COMPARED[type(node.ops[variant])]()
        case ast.BinOp() if type(node.op) in REVERSED:
            node.op = REVERSED[type(node.op)]()
        case ast.BoolOp():
            node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
            node.operand = ast.UnaryOp(ast.Not(), node.operand) if isinstance(node.op, ast.Not) else node.operand
        case ast.Name(id=name) if name in NAMES and isinstance(node.ctx, ast.Load):
            node.id = NAMES[name]
        case ast.Attribute(attr=name) if name in NAMES:
            node.attr = NAMES[name]
        case ast.Constant():
            node.value = _other(node.value, variant)
        case ast.AugAssign() if type(node.op) in REVERSED:
            node.op = REVERSED[type(node.op)]()


def _other(value: object, variant: int) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and _is_sql(value):
        found = [(each, new) for pattern, new in SQL for each in re.finditer(pattern, value)]
        at, new = found[variant]
        return value[: at.start()] + new + value[at.end() :]
    return value


def _apart(before: str, after: str) -> tuple[str, str]:
    """Return two texts on one line, each cut to where they differ when they are long."""
    before, after = " ".join(before.split()), " ".join(after.split())
    if len(before) <= 100:
        return before, after
    start = next((place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    begin = max(0, start - 40)
    return f"…{before[begin : start + 40]}…", f"…{after[begin : start + 40]}…"
