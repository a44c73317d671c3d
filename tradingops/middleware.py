"""What no page is asked, and how it answers what a mandate does not allow."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views import defaults

from tradingops.audit import acting
from tradingops.mandates.mandate import Outside
from tradingops.people import roles
from tradingops.sign_in import second_factor


class OutsideIsForbidden:
    """Answers 403, with the bound and the way out, whatever a person asks for outside their mandates."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Answer for a deed that was refused; any other fault is not ours."""
        return defaults.permission_denied(request, PermissionDenied(str(fault))) if isinstance(fault, Outside) else None


class SecondFactorFirst:
    """Leads whoever has to switch a second factor on to their account, and lets them do nothing else before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Answer for a page that has to wait; None for one that need not."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN or not second_factor.is_lacking(request.user, permissions=roles.CHANGES):
            return None
        if request.method in ("GET", "HEAD"):
            return redirect("admin:console_account")
        return defaults.permission_denied(request, PermissionDenied("Switch on the codes of an app first: Account."))


#: What somebody may reach before they have a second factor.
OPEN = frozenset(
    {
        *("admin:login", "admin:logout", "admin:jsi18n", "admin:password_change", "admin:password_change_done"),
        *("admin:console_account", "admin:console_account_action", "admin:console_notices_bell"),
    }
)


def no_null_characters(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a request with a NUL character in its address, form or cookies: no text of a database holds one."""

    def respond(request: HttpRequest) -> HttpResponse:
        where = next((where for where, text in _texts(request) if "\x00" in text), None)
        if where is None:
            return get_response(request)
        return HttpResponseBadRequest(f"{where}: holds a NUL character, which no text here may", "text/plain")

    return respond


def _texts(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield every text that a request brings, and where it stands; a body only where it is a form."""
    yield "path", request.path
    for name, text in request.COOKIES.items():
        yield f"cookie {name!r}", f"{name}{text}"
    forms = [request.GET, request.POST] if request.method == "POST" else [request.GET]
    for form in forms:
        for name, texts in form.lists():
            yield f"{name!r}", "".join((name, *map(str, texts)))


def acting_person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let what a request writes be its person's in the audit: who, from which address, by which request."""

    def respond(request: HttpRequest) -> HttpResponse:
        with acting.acting(acting.of_request(request)):
            return get_response(request)

    return respond
