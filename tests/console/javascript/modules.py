"""How a test calls a module of the console's JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

Blank = Callable[..., "Page"]


def call(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """Return what a body of JavaScript makes of a module, named m there, and of an argument."""
    script = f"async (given) => {{ const m = await import('/static/console/{module}'); {body} }}"
    return page.evaluate(script, argument)
