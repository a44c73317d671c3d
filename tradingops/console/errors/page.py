"""The pages of what went wrong, in the console's own dress: they ask no database, and nothing of the request."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import reverse

#: As much of a fault's own words as a page shows.
MOST = 400


@dataclass(frozen=True)
class Fault:
    """What a page says of one status: what happened, and what to do about it."""

    status: int
    title: str
    words: str
    way: str


BAD_REQUEST = Fault(
    400,
    "This cannot be asked",
    "The address or the form holds something that no page takes.",
    "Go back, or begin anew.",
)
FORGED = Fault(
    403,
    "This form is no longer valid",
    "It was opened before you signed in, or it did not come from this console. Nothing was done.",
    "Go back, load the page again and send it once more.",
)
FORBIDDEN = Fault(
    403,
    "You may not see or do this",
    "Your role does not reach this far. Nothing was done.",
    "Ask an administrator for the right, or sign in as somebody who has it.",
)
NOT_FOUND = Fault(
    404, "There is no such page", "The address names nothing that is here.", "It may have been removed, or mistyped."
)
FAILED = Fault(
    500,
    "The console stumbled",
    "This page could not be made; the fault is in the log. The desk's modules run apart from it and go on.",
    "Try again in a moment. To stop the desk without the console: manage.py halt desk.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that something was asked that cannot be; in its own words where they were written for people."""
    return _answer(BAD_REQUEST, str(exception) if isinstance(exception, BadRequest) else "", request)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that somebody may not."""
    return _answer(FORBIDDEN, str(exception) if isinstance(exception, PermissionDenied) else "", request)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was refused, since it bore no sign of having come from here."""
    return _answer(FORGED, "", request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page; what a page said of what it did not find, where it said it in words."""
    said = exception.args[0] if exception.args else ""
    return _answer(NOT_FOUND, said if isinstance(said, str) else "", request)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the console stumbled; needs no database, no session and no context processor."""
    return _answer(FAILED, "", request)


def _answer(fault: Fault, said: str, request: HttpRequest) -> HttpResponse:
    shown = {"fault": fault, "said": said[:MOST], "home": reverse("admin:index"), "again": request.path}
    return HttpResponse(loader.render_to_string("console/errors/page.html", shown), status=fault.status)
