"""What the risk manager says: the state of the book and its limits."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, json_values, tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Assessment(TypedDict, total=False):
    """The strictest level of all limits, and the limits that are broken or near."""

    level: str
    breaches: list[str]
    warnings: list[str]


class Book(TypedDict, total=False):
    """The portfolio: money as decimal strings, shares of its value as fractions."""

    portfolio_value: str
    cash: str
    exposure: float
    net_exposure: float
    concentration: float
    holdings_hhi: float
    max_weight: float
    drawdown: float
    max_drawdown: float
    peak_value: str
    total_risk: float
    sharpe: float
    daily_pnl: str
    realized_pnl: str
    fees: str
    funding: str
    marks: dict[str, str]
    positions: dict[str, Any]


class ValueAtRisk(TypedDict, total=False):
    var_95: float
    cvar_95: float
    observations: int
    horizon_var_95: float
    horizon_cvar_95: float
    horizon_minutes: int
    tail_share: float


class Limit(TypedDict, total=False):
    limit: str
    value: float
    maximum: float
    used: float
    warn_at: float
    level: str


class RiskPayload(TypedDict, total=False):
    rm_risk_assessment: Assessment
    rm_portfolio_risk: Book
    rm_var_calculation: ValueAtRisk
    rm_stress_test: dict[str, float]
    rm_risk_limits: list[Limit]
    rm_correlation: dict[str, float]
    rm_volatility: dict[str, dict[str, float]]
    rm_alert_data: dict[str, Any]


def _update(payload: Payload) -> list[Part]:
    breaches = json_values.items(at(payload, "rm_risk_assessment.breaches"))
    warnings = json_values.items(at(payload, "rm_risk_assessment.warnings"))
    return [
        telling.pill(at(payload, "rm_risk_assessment.level")),
        Part(_named(breaches or warnings), Tone.BAD if breaches else Tone.WARNING),
        telling.labelled("value", figures.money(at(payload, "rm_portfolio_risk.portfolio_value"))),
        telling.labelled("exposure", figures.percent(at(payload, "rm_portfolio_risk.exposure"), digits=1)),
        telling.labelled("drawdown", figures.percent(at(payload, "rm_portfolio_risk.drawdown"))),
        telling.labelled("VaR 95", figures.percent(at(payload, "rm_var_calculation.var_95")), Tone.MUTED),
    ]


def _named(limits: list[Any]) -> str:
    return ", ".join(filter(None, (telling.named(each, "limit") for each in limits[:3])))


UPDATE = Kind(
    name="risk_update",
    means="the book's value, exposure, drawdown and risk against their limits",
    payload=RiskPayload,
    hearers=(tags.DM_RISK_UPDATE, tags.TRADER_RISK_UPDATE),
    reads=(
        "rm_risk_assessment.level",
        "rm_risk_assessment.breaches",
        "rm_risk_assessment.warnings",
        "rm_portfolio_risk.portfolio_value",
        "rm_portfolio_risk.exposure",
        "rm_portfolio_risk.drawdown",
        "rm_var_calculation.var_95",
    ),
    line=_update,
    look=Look("risk update", Tone.MUTED),
)

ROLE = Role(name="risk", table="rm_strands", words="risk updates", kinds=(UPDATE,))
