"""What a page says to a person, and what no page may say."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: Words of the machine: a value without words, a document without a form, a moment that no script words.
MACHINE = re.compile(r"\bNone\b|\bnan\b|\bNaN\b|Decimal\(|datetime\(|\{'|\[object|\bundefined\b|\bInfinity\b")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
#: Ids in the place of a line, as a strand is told for which nobody found words.
IDS_FOR_WORDS = re.compile(r"\b(plan|subject) id\b")

#: A moment that is the whole of a value, also of one in a document.
ISO_ALONE = re.compile(r"\s*\d{4}-\d\d-\d\dT\d\d:\d\d\S*\s*")

_MOMENTS = {"time"}
_TEXTS = {"pre", "code"}
#: What a strand says, shown as cards: its own words, in a block of this class.
_CARDS, _CLASS = "div", "document"
_UNSEEN = {"script", "style", "template"}
_SPOKEN = {"title", "aria-label", "alt", "placeholder"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.within: list[str] = []
        self.words: list[str] = []
        self.cards: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_card = tag == _CARDS and (self.within or _CLASS in (dict(attrs).get("class") or "").split())
        if is_card or tag in _MOMENTS | _TEXTS | _UNSEEN:
            self.within.append(tag)
        self.words += [said for name, said in attrs if name in _SPOKEN and said]

    def handle_endtag(self, tag: str) -> None:
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.words.append(data)
        elif self.within[-1] == _CARDS:
            self.cards.append(data)
        elif self.within[-1] in _TEXTS:
            self.texts.append(data)


def text(html: str) -> str:
    """Return what a page says, without its moments and documents, in single spaces."""
    return " ".join(" ".join(_read(html).words).split())


def faults(html: str, *, of_a_record: bool = False) -> list[str]:
    """Return what a page says as no page may; a record's page names its columns, also those of ids."""
    read = _read(html)
    said, documents = " ".join(" ".join(read.words).split()), " ".join([*read.cards, *read.texts])
    alone = [each for each in read.cards if ISO_ALONE.fullmatch(each)]
    found = [*_found(MACHINE, said), *_found(MACHINE, documents), *_found(ISO, said), *alone]
    return found if of_a_record else [*found, *_found(IDS_FOR_WORDS, said)]


def cells(html: str, label: str) -> list[str]:
    """Return what the cells of a list's column say, from the top."""
    column = re.compile(rf'<(t[dh]) [^>]*data-label="{re.escape(label)}"[^>]*>(.*?)</\1>', re.DOTALL)
    return [text(cell) for _, cell in column.findall(html)]


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def _found(wrong: re.Pattern[str], said: str) -> list[str]:
    """Return each fault in the words around it."""
    return [said[max(0, at.start() - 50) : at.end() + 30] for at in wrong.finditer(said)]
