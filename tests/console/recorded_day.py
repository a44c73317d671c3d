"""A stretch of a real desk's day: bars, what its modules made of them, what people said meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

from psycopg.errors import DeadlockDetected

from strands.given import HaltState
from strands.lessons.models import Lesson
from strands.market.bar import Bar
from strands.models import Delivery
from strands.retry import RetryPolicy
from strands.strand import Strand
from strands.wires.lockstep import Lockstep
from strands.wires.postgres import PostgresWire
from tests.acceptance import learning, markets
from tradingops import connections, engine, environments
from tradingops.people import acts, recovery, say

MOMENTS = 1_000
#: A seed whose first thousand moments hold all that is shown.
SEED = 6
#: Until here nothing but what the desk does; after it people speak, each word in time for a signal of the day.
ALONE = 600
#: Moments a transaction.
TOGETHER = 100
#: What a person makes of the first lesson of a module.
LESSONS = {"alpha": ("retired",), "trader": ("retired", "active")}
WALL = datetime(2026, 3, 3, 8, tzinfo=UTC)


class OutOfOrder(RuntimeError):
    """What a module stumbles over, once."""


@dataclass
class Stumbling:
    """A module that stumbles over the first strands of a kind, and is itself otherwise."""

    module: engine.Module
    kind: str
    times: int = 1
    fault: type[Exception] = OutOfOrder

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)

    def handle(self, state: Any, strand: Strand, given: Any) -> Any:
        if self.times and strand.kind == self.kind:
            self.times -= 1
            raise self.fault(f"no answer to the {strand.kind} of {strand.symbol}")
        return self.module.handle(state, strand, given)


@dataclass
class Desk:
    """All modules in one process over PostgreSQL, and the people beside them."""

    moments: Sequence[Sequence[Strand]]
    modules: Mapping[str, engine.Module] = field(default_factory=partial(environments.modules, learning.EAGER))
    place: int = 0

    def __post_init__(self) -> None:
        self.wire = self.wire_that_tries(1)
        self._lockstep = Lockstep(self.wire, list(self.modules.values()), engine.market_time)

    def wire_that_tries(self, attempts: int) -> PostgresWire:
        """Return a wire that gives a failing turn so many attempts, an hour apart."""
        return PostgresWire(
            partial(connections.wire, durable=False),
            projections=environments.PROJECTIONS,
            keepers=self.modules,
            check=environments.check(learning.EAGER),
            retry=RetryPolicy(attempts=attempts, first_seconds=3_600.0, most_seconds=3_600.0),
        )

    def until(self, place: int) -> None:
        """Play the market up to a moment, by its number."""
        edges = [*range(self.place, place, TOGETHER), place]
        for start, end in pairwise(edges):
            self._lockstep.play(self.moments[start:end])
        self.place = max(place, self.place)

    def stumbling(self, listener: str, kind: str, *, until: int) -> None:
        """Play turn by turn up to a moment, with a listener that stumbles over the first strand of a kind."""
        stumbling = {**self.modules, listener: Stumbling(self.modules[listener], kind)}
        for strands in self.moments[self.place : until]:
            self.wire.publish(strands)
            engine.drain(stumbling.values(), self.wire, engine.market_time)
        self.place = until

    def quiet(self) -> None:
        """Let the desk take what waits."""
        engine.drain(self.modules.values(), self.wire, engine.market_time)

    def say(self, act: Callable[..., Strand], *given: Any, reason: str, **options: Any) -> None:
        """Say something as a person, and let the desk hear it."""
        say.publish(act(*given, asked=self.asked(reason), **options))
        self.quiet()

    def asked(self, reason: str) -> acts.Asked:
        return acts.Asked(by="operator", reason=reason, at=say.present(), asked_at=WALL)


def simulated() -> list[Bar]:
    """The bars of the desk's own simulated market: the same wherever and whenever they are made."""
    return markets.simulated("BTC", "ETH", "SOL", moments=MOMENTS, seed=SEED)


def play(bars: Sequence[Bar]) -> None:
    """Fill the database with a stretch of market, what the desk said of it, and what people said in between."""
    market = environments.market_data(learning.EAGER)
    desk = Desk([strands for _, strands in market.moments([[list(bars)]])][:MOMENTS])
    desk.until(ALONE)
    desk.until(630)
    desk.say(acts.policy, "dm", {"min_confidence": 0.99}, reason="nothing but what is certain")
    desk.until(640)
    desk.say(acts.policy, "dm", {"min_confidence": None}, reason="as it was")
    desk.until(678)
    desk.stumbling("dm", "signal", until=684)
    recovery.requeue(recovery.keys(recovery.open_failures()), asked=desk.asked("the fault is mended"))
    desk.quiet()
    desk.until(750)
    desk.say(acts.halt, "module:dm", HaltState.REDUCE_ONLY, reason="looking at the last fills")
    desk.until(756)
    desk.say(acts.halt, "module:dm", HaltState.ACTIVE, reason="looked at them")
    desk.until(915)
    desk.say(acts.halt, "module:alpha", HaltState.HALTED, reason="its features are looked at")
    desk.until(930)
    desk.say(acts.halt, "module:alpha", HaltState.ACTIVE, reason="they are as they were")
    desk.until(MOMENTS - 22)
    _decide_about_lessons(desk)
    _leave_something_to_do(desk)
    desk.wire.close()


def _decide_about_lessons(desk: Desk) -> None:
    """Retire the first lesson of each module that learned one, and think better of the trader's."""
    for module, stages in LESSONS.items():
        lesson = Lesson.objects.filter(module=module).order_by("lesson_id").first()
        for stage in stages if lesson else ():
            desk.say(acts.lesson_verdict, lesson, stage=stage, reason=f"better {stage}")


def _leave_something_to_do(desk: Desk) -> None:
    """Leave turns that failed, one that is tried again, one that was passed over, and strands that wait."""
    desk.stumbling("alpha", "bar", until=desk.place + 1)
    desk.wire.publish(desk.moments[desk.place])
    trying = desk.wire_that_tries(5)
    engine.turn(Stumbling(desk.modules["alpha"], "bar", fault=DeadlockDetected), trying, engine.market_time, limit=1)
    trying.close()
    seqs = Delivery.objects.filter(listener="alpha", attempts=0).order_by("seq").values_list("seq", flat=True)
    recovery.skip(list(seqs[:1]), asked=desk.asked("a bar from before the mending"))
