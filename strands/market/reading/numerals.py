"""How a file writes its numbers: which mark parts the decimals and which the thousands, decided by all its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, InvalidOperation
from itertools import chain
from typing import NamedTuple

POINT, COMMA = ".", ","
OTHER = {POINT: COMMA, COMMA: POINT}
#: No price and no volume is longer.
LONGEST = 64
#: What people write where there is no number.
NOTHING = {"-", "–", "—", "null", "none", "n/a", "na", "#n/a"}
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_POINTED = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_AROUND = re.compile(r"^[-+]?[$€£¥₿]|[%$€£¥₿]$")
_MULTIPLES = {"k": 3, "m": 6, "b": 9, "t": 12}
#: What parts thousands and can mean nothing else.
_QUIET = re.compile(r"(?<=\d)['’\u00a0\u202f_ ](?=\d{3})")
_MOST_EXPONENT = 60
_EXACT = Context(prec=2 * LONGEST)


class Numerals(NamedTuple):
    """The mark before the decimals; ``why`` says what decided it."""

    decimal: str
    why: str


class Ambiguous(ValueError):
    """Numbers read in two ways; the words name both and the option that decides."""


def decide(columns: Iterable[Sequence[str]], *, told: str | None, certain: bool) -> Numerals:
    """Return how the numbers of these columns are written.

    ``certain`` says that the file is of a kind that has only decimal points. Raises Ambiguous.
    """
    if told:
        return Numerals(told, "as told")
    columns = list(columns)
    if certain and not any(COMMA in cell for column in columns for cell in column):
        return Numerals(POINT, "decimal point")
    shown: dict[str, str] = {}
    open_ = ""
    for cell in chain.from_iterable(columns):
        # Once one mark is proven, only a cell with the other one can contradict it.
        if any(OTHER[known] not in cell and cell.count(known) <= 1 for known in shown):
            continue
        mark = _evidence(cell)
        if mark in OTHER:
            shown.setdefault(mark, cell)
        elif mark and not open_:
            open_ = cell
        if len(shown) == len(OTHER):
            break
    return _judged(shown, open_, certain=certain)


def _judged(shown: dict[str, str], open_: str, *, certain: bool) -> Numerals:
    if len(shown) == len(OTHER):
        one, two = shown[POINT], shown[COMMA]
        raise Ambiguous(
            f"numbers: {one!r} has a decimal point and {two!r} a decimal comma; say which holds with --decimal . or ,"
        )
    if shown:
        ((mark, cell),) = shown.items()
        return Numerals(mark, f"decimal {'point' if mark == POINT else 'comma'}, as in {cell}")
    if open_ and not (certain and POINT in open_):
        mark = POINT if POINT in open_ else COMMA
        whole = open_.replace(mark, "")
        raise Ambiguous(
            f"numbers: {open_!r} is {open_.partition(mark)[0]} (decimal {'point' if mark == POINT else 'comma'}) or "
            f"{whole} (thousands), and no cell decides; say --decimal {mark} or --decimal {OTHER[mark]}"
        )
    return Numerals(POINT, "decimal point")


def _evidence(cell: str) -> str:
    """Return the decimal mark that a cell proves, ``?`` if its one mark may be either, else nothing."""
    if POINT not in cell and COMMA not in cell:
        return ""
    digits = _QUIET.sub("", _AROUND.sub("", cell.strip())).strip("+-")
    if digits[-1:].lower() in _MULTIPLES:
        digits = digits[:-1].rstrip()
    if re.fullmatch(r"[\d.,]+(?:[eE][-+]?\d+)?", digits) is None:
        return ""
    points, commas = digits.count(POINT), digits.count(COMMA)
    if points and commas:
        last = POINT if digits.rfind(POINT) > digits.rfind(COMMA) else COMMA
        return last if digits.count(last) == 1 else ""
    mark = POINT if points else COMMA
    if points + commas > 1:
        return OTHER[mark] if re.fullmatch(rf"\d{{1,3}}(?:\{mark}\d{{2,3}})*\{mark}\d{{3}}", digits) else ""
    whole, _, rest = digits.partition(mark)
    return "?" if re.fullmatch(r"[1-9]\d{0,2}", whole) and re.fullmatch(r"\d{3}", rest) else mark


def plain(cells: Sequence[str], numerals: Numerals) -> list[str]:
    """Return cells as plain decimal text with a point, every digit kept; what is no number stays as it is."""
    return [cell if numerals.decimal == POINT and _PLAIN.fullmatch(cell) else _plain(cell, numerals) for cell in cells]


def _plain(cell: str, numerals: Numerals) -> str:
    if len(cell) > LONGEST:
        return cell[:LONGEST] + "…"
    if cell.lower() in NOTHING:
        return ""
    text = _QUIET.sub("", _AROUND.sub(lambda found: found[0].strip("$€£¥₿%"), cell)).strip()
    power = _MULTIPLES.get(text[-1:].lower(), 0)
    text = text[:-1].rstrip() if power else text
    parted = _grouped(text, OTHER[numerals.decimal])
    if parted is None:
        return cell
    text = parted.replace(COMMA, POINT)
    if not _POINTED.fullmatch(text):
        return cell
    return text if not power and _PLAIN.fullmatch(text) else _written_out(text, power, cell)


def _grouped(text: str, mark: str) -> str | None:
    """Return a number without the mark between its thousands; None where that parts something else."""
    if mark not in text:
        return text
    return (
        text.replace(mark, "") if re.match(rf"[-+]?\d{{1,3}}(?:\{mark}\d{{2,3}})*\{mark}\d{{3}}(?!\d)", text) else None
    )


def _written_out(text: str, power: int, cell: str) -> str:
    try:
        number = Decimal(text).scaleb(power, _EXACT)
    except InvalidOperation:
        return cell
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _MOST_EXPONENT or abs(number.adjusted()) > _MOST_EXPONENT:
        return cell
    return format(number, "f")
