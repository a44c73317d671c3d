"""The worlds a desk runs in: the one file that names every module, every projection and every adapter."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pydantic

from curators import projections as curators
from curators.dsi import evidence
from curators.dsi import projections as evidences
from portfolio import projections as positions
from portfolio.execution import projections as executions
from portfolio.execution.venues.paper import PaperPolicy, PaperVenue
from portfolio.plans import projections as plans
from portfolio.reviews import projections as reviews
from portfolio.trades import projections as trades
from strands import tags
from strands.lessons import projections as lessons
from strands.lessons.writers.words import Writer
from strands.market import projections as market
from strands.market.anomalies import projections as anomalies
from strands.market.instruments import catalog
from strands.market.instruments import projections as instruments
from strands.market.instruments.catalog import Instruments, Lookup
from strands.rulings.fold import Check, Rulings
from strands.rulings.ruling import OF_PEOPLE
from strands.wires.memory import MemoryWire
from strands.wires.postgres import PostgresWire, Projection
from tradingops import engine, shorthand
from tradingops.company import projections as company
from tradingops.modules.alpha.module import AlphaDetector
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.reviews import due
from tradingops.modules.market.module import MarketData
from tradingops.modules.market.policy import MarketPolicy
from tradingops.modules.risk.module import RiskManager
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.scribe.module import Scribe
from tradingops.modules.trader.module import Trader
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.venue.module import VenueModule
from tradingops.people import rulings
from tradingops.policies.people_policy import PeoplePolicy
from tradingops.replay.acts.telling import Telling

#: Each policy by the first half of its settings' names.
POLICIES: dict[str, type[pydantic.BaseModel]] = {
    "market": MarketPolicy,
    "alpha": AlphaPolicy,
    "risk": RiskPolicy,
    "dm": DecisionPolicy,
    "trader": TraderPolicy,
    "venue": PaperPolicy,
    OF_PEOPLE: PeoplePolicy,
}

#: Rows for people, written in the transaction of the strands they come from.
PROJECTIONS: tuple[Projection, ...] = (
    market.project,
    instruments.project,
    plans.project,
    evidences.project,
    lessons.project,
    curators.project,
    anomalies.project,
    positions.project,
    executions.project,
    trades.project,
    reviews.project,
    company.project,
)


#: In which order modules take their turns: what became of earlier orders first, then what is new.
ROUND = ("venue", "trader", "risk", "dm", "alpha", "lessons")


class UnknownSetting(ValueError):
    """No policy has a setting of this name."""

    def __init__(self, key: str) -> None:
        known = ", ".join(
            sorted(f"{module}.{name}" for module, policy in POLICIES.items() for name in policy.model_fields)
        )
        super().__init__(f"{key}: no such setting; known are {known}, and {catalog.PREFIX}SYMBOL.VALUE")


class UnequalCash(ValueError):
    """Two modules count from different beginnings."""

    def __init__(self, dm: object, risk: object) -> None:
        super().__init__(f"dm.initial_cash {dm} and risk.initial_cash {risk} differ; set both alike, as --cash does")


class UnservedVenue(ValueError):
    """The trader may choose a venue that takes no order."""

    def __init__(self, name: str, served: Iterable[str]) -> None:
        super().__init__(
            f"trader.venues: {name} is not among venue.venues ({', '.join(served)}); name it in both, as venues= does"
        )


def policies(settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every policy with its defaults, but for the settings given as ``module.name``: value.

    A name may go deeper with further dots, and some have short names (``lessons=off``). Values of instruments are no
    module's: ``market_data`` reads them.

    Raises UnknownSetting, UnequalCash, UnservedVenue, and pydantic's ValidationError for a value that breaks its rule.
    """
    given = by_module({key: value for key, value in (settings or {}).items() if not catalog.is_asked(key)})
    built: dict[str, Any] = {module: _built(policy, given[module]) for module, policy in POLICIES.items()}
    if built["dm"].initial_cash != built["risk"].initial_cash:
        raise UnequalCash(built["dm"].initial_cash, built["risk"].initial_cash)
    served = [each.name for each in built["venue"].venues]
    for each in built["trader"].venues:
        if each.name not in served:
            raise UnservedVenue(each.name, served)
    return built


def by_module(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields that settings name, by module, fields within fields as objects; raises UnknownSetting."""
    given: dict[str, dict[str, Any]] = {module: {} for module in POLICIES}
    full = [shorthand.expanded(key, value, POLICIES) for key, value in settings.items()]
    for key, value in (pair for each in full for pair in each.items()):
        module, _, path = key.partition(".")
        names = path.split(".")
        if module not in POLICIES or names[0] not in POLICIES[module].model_fields:
            raise UnknownSetting(key)
        _put(given[module], names, value)
    return given


def _put(into: dict[str, Any], names: Sequence[str], value: Any) -> None:
    for name in names[:-1]:
        into = into.setdefault(name, {})
    into[names[-1]] = value


def _built(policy: type[pydantic.BaseModel], given: Mapping[str, Any]) -> pydantic.BaseModel:
    return policy.model_validate(_merged(policy().model_dump(), given)) if given else policy()


def _merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(kept)
    for name, value in given.items():
        under = merged.get(name)
        merged[name] = _merged(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    return merged


def modules(
    settings: Mapping[str, Any] | None = None, *, writer: Writer | None = None, gather: Any = evidence.gather
) -> dict[str, engine.Module]:
    """Return the desk's modules by name, in the order of a round.

    ``writer`` writes lessons in the template's stead, ``gather`` finds evidence on a tape.
    """
    chosen = policies(settings)
    made: dict[str, engine.Module] = {
        "venue": VenueModule(venue=PaperVenue(policy=chosen["venue"])),
        "trader": Trader(policy=chosen["trader"]),
        "risk": RiskManager(policy=chosen["risk"]),
        "dm": DecisionMaker(policy=chosen["dm"]),
        "alpha": AlphaDetector(policy=chosen["alpha"], gather=gather),
        "lessons": Scribe(writer=writer),
    }
    return {name: made[name] for name in ROUND}


def market_data(
    settings: Mapping[str, Any] | None = None,
    *,
    said: Mapping[str, datetime] | None = None,
    told: Instruments | None = None,
    listed: Instruments | None = None,
    exchange: Lookup = catalog.nobody_knows,
) -> MarketData:
    """Return the module that turns bars into strands; it stands at the wire's entrance and listens to nobody.

    ``listed`` are the instruments of a file, ``exchange`` tells an exchange's own; raises BadInstrument for settings
    that are values of none.
    """
    known = catalog.lookup(asked=catalog.asked(settings or {}), listed=listed or {}, exchange=exchange)
    return MarketData(policies(settings)["market"], said=said, told=told, instruments=known)


def check(settings: Mapping[str, Any] | None = None) -> Check:
    """Return what refuses a change of policy that one of the desk's modules could not take."""
    return rulings.check(governed(settings))


def governed(settings: Mapping[str, Any] | None = None) -> dict[str, pydantic.BaseModel]:
    """Return the policies that have versions: those of the modules that hear of them, and people's own."""
    return {name: policy for name, policy in policies(settings).items() if name in tags.LISTENERS or name == OF_PEOPLE}


def listening(settings: Mapping[str, Any] | None = None) -> dict[str, pydantic.BaseModel]:
    """Return the policies of the modules that hear what people change of them."""
    return {name: policy for name, policy in policies(settings).items() if name in tags.LISTENERS}


def wire(
    connect: Callable[[], Any],
    settings: Mapping[str, Any] | None = None,
    *,
    projections: Sequence[Projection] = PROJECTIONS,
) -> PostgresWire:
    """Return the wire of paper and live desks."""
    return PostgresWire(connect, projections=projections, keepers=modules(settings), check=check(settings))


@dataclass
class Replay:
    """A desk in memory over recorded bars: the same modules, one round a moment."""

    wire: MemoryWire
    desk: tuple[engine.Module, ...]
    market: MarketData

    def run(self, feeds: Sequence[Iterable[Any]], *, acts: Telling | None = None) -> int:
        """Play all feeds to their end, acts of people told at their places; return how many bars were said."""
        said, moment = 0, None
        with uncollected():
            for moment, strands in self.market.moments(feeds):
                if acts is not None:
                    acts.before(moment, self.wire, self._quieten)
                said += self.wire.publish(strands)
                self._quieten()
                if come := due.come(self.wire.states, moment):
                    self.wire.publish(come)
                    self._quieten()
            if acts is not None and moment is not None:
                acts.end(moment, self.wire, self._quieten)
        return said

    def _quieten(self) -> int:
        return self.wire.drain(self.desk, engine.market_time)


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the cycle collector: strands make no cycles, and it would walk all of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def replay(
    settings: Mapping[str, Any] | None = None, *, keep_bars: bool = False, listed: Instruments | None = None
) -> Replay:
    """Return a desk in memory; of bars only the ids are kept unless told otherwise."""
    known = Rulings(check=check(settings))
    memory = MemoryWire(keep=None if keep_bars else _is_no_bar, record=False, rulings=known)
    return Replay(memory, tuple(modules(settings).values()), market_data(settings, listed=listed))


def _is_no_bar(strand: Any) -> bool:
    return bool(strand.module != "market")
