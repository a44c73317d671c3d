"""How log lines look: one structured event a line, on standard error."""

from __future__ import annotations

from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configuration(*, level: str, form: str) -> dict[str, Any]:
    """Return a `logging.config` dictionary; ``form`` is `json`, or anything else for text."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    plain = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    finish = [plain, structlog.processors.format_exc_info, renderer]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": _SHARED, "processors": finish}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"handlers": [], "level": level.upper(), "propagate": True},
            # A stranger who calls the console by another name is turned away; that is no event of the desk's.
            "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL"},
            "django.server": {"handlers": [], "propagate": True},
            "daphne": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }


def structure() -> None:
    """Send structlog's events through the standard library's loggers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
