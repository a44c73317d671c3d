"""What every answer of the console says besides its content, and what no page is asked."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from tradingops.audit import acting

#: Nothing comes from another host. Unfold's Alpine evaluates expressions, hence `unsafe-eval`.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Forbid a page to load anything from another host or to be framed by one."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return respond


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
