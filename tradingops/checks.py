"""What `manage.py check` finds wrong with a desk's configuration."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from tradingops.environment_variables import VARIABLES


@register(Tags.compatibility)
def every_variable_is_known(**_: Any) -> list[CheckMessage]:
    """Warn of a TRADINGOPS_ variable that nothing reads: most likely a misspelt one."""
    unknown = sorted(name for name in os.environ if name.startswith("TRADINGOPS_") and name not in VARIABLES)
    known = ", ".join(name for name in VARIABLES if name.startswith("TRADINGOPS_"))
    return [
        Warning(f"{name} is set, and nothing reads it.", hint=f"Known are {known}.", id="tradingops.W001")
        for name in unknown
    ]


@register(Tags.security)
def live_is_not_shown_in_the_open(**_: Any) -> list[CheckMessage]:
    """Refuse to show tracebacks where real orders are sent."""
    if settings.MODE == "live" and settings.DEBUG:
        return [
            Error(
                "DJANGO_DEBUG is on while TRADINGOPS_MODE is live.",
                hint="Unset DJANGO_DEBUG: a traceback shows settings and strands to whoever looks.",
                id="tradingops.E001",
            )
        ]
    return []
