"""The tables of the wire."""

from strands.models.registry import Module
from strands.models.said import (
    STRANDS,
    AlphaStrand,
    CompanyStrand,
    DecisionStrand,
    MarketStrand,
    PeopleStrand,
    RiskStrand,
    Strand,
    TraderStrand,
    VenueStrand,
)
from strands.models.wire import Delivery, Halt, Message, ModuleState, ModuleTakeover, Worker

__all__ = [
    "STRANDS",
    "AlphaStrand",
    "CompanyStrand",
    "DecisionStrand",
    "Delivery",
    "Halt",
    "MarketStrand",
    "Message",
    "Module",
    "ModuleState",
    "ModuleTakeover",
    "PeopleStrand",
    "RiskStrand",
    "Strand",
    "TraderStrand",
    "VenueStrand",
    "Worker",
]
