"""The page of one lesson: what it says, where it came from, what it changed, what that was worth, who decided on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from strands.lessons.models import Lesson, LessonStage, Source
from tradingops.console.lessons import history, plots, queries, words
from tradingops.mandates import mandates
from tradingops.people import acts, say

VIEW, CHANGE = "strands_lessons.view_lesson", "strands_lessons.change_lesson"
#: What each action makes of a lesson.
ACTIONS = {"activate": LessonStage.ACTIVE, "retire": LessonStage.RETIRED}
#: What each action's dialog says that it does.
PROMISES = {
    "activate": "From the next judgement on, the module applies this lesson where its conditions match. "
    "It never moves a veto or a hard limit.",
    "retire": "The module stops applying this lesson. What it changed stays as it was.",
}


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    """Why a person does it; kept on the wire."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "What you saw, and why this is right"}),
        help_text="Recorded with your name.",
    )


class NoteForm(ReasonForm):
    """A word about it, for whoever wants to say one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = False
        self.fields["reason"].label = "Reason (if you want to give one)"


FORMS = {"activate": NoteForm, "retire": ReasonForm}


@require_safe
def page(request: HttpRequest, lesson_id: str) -> HttpResponse:
    """Show one lesson."""
    _must(request, VIEW)
    lesson = _lesson(request, lesson_id)
    sources = queries.sources(lesson)
    rows = queries.touched(lesson, before=request.GET.get("before", ""))
    shown = rows[: queries.PAGE]
    context = {
        **admin.site.each_context(request),
        "title": lesson.title or "Lesson",
        "is_fullwidth": "1",
        "lesson": lesson,
        "level": words.LEVELS.get(lesson.level, lesson.level),
        "module": words.MODULES.get(lesson.module, lesson.module),
        "members": words.MEMBERS.get(lesson.level, "members"),
        "writer": words.writer(lesson.writer),
        "conditions": words.conditions(lesson.conditions),
        "recommendations": words.recommendations(lesson.recommendations),
        "effect": words.effect(lesson.effect),
        "worth": _worth(lesson),
        "sources": sources,
        "plot": plots.bars(_results(sources)),
        "cut": len(sources) == queries.MOST_SOURCES,
        "above": queries.used_in(lesson),
        "touched": history.touched(shown, queries.results(shown), lesson_id=lesson.lesson_id),
        "older": shown[-1]["id"] if len(rows) > queries.PAGE else "",
        "before": request.GET.get("before", ""),
        "history": history.history(queries.changes(lesson)),
        "calls": queries.calls(lesson) if request.user.has_perm("strands_lessons.view_writercall") else [],
        "actions": _actions(lesson) if request.user.has_perm(CHANGE) else [],
    }
    return render(request, "console/lessons/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, lesson_id: str, action: str) -> HttpResponse:
    """Answer GET with a dialog; say the verdict only when its form is posted."""
    _must(request, CHANGE)
    lesson = _lesson(request, lesson_id)
    if action not in ACTIONS:
        raise Http404(f"lessons: {action!r} is nothing that can be done to a lesson; {', '.join(ACTIONS)} are")
    form = FORMS[action](request=request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _do(request, action, lesson, note=form.cleaned_data["reason"])
    asked = {"title": f"{action.capitalize()} “{lesson.title}”?", "description": PROMISES[action]}
    shown = {"dialog": asked, "form": form, "form_submit_text": action.capitalize()}
    return render(request, "unfold/helpers/dialog.html", shown)


def _do(request: HttpRequest, action: str, lesson: Lesson, *, note: str) -> HttpResponse:
    standing = ACTIONS[action]
    if lesson.standing == standing:
        told_once.warning(request, f"Nothing was said: the lesson is {lesson.standing} already.")
    else:
        asked = say.asked_by(request.user, reason=note)
        say.publish(acts.lesson_verdict(lesson, stage=str(standing), asked=asked))
        whose = words.MODULES.get(lesson.module, lesson.module).lower()
        told_once.success(request, f"Said to the {whose}, which makes the lesson {standing} when it hears it.")
    return HttpResponse(headers={"HX-Redirect": reverse("admin:console_lesson", args=[lesson.lesson_id])})


def _actions(lesson: Lesson) -> list[str]:
    return [action for action, standing in ACTIONS.items() if lesson.standing != standing]


def _results(sources: Sequence[Source]) -> list[float]:
    return [each.pnl_percent for each in sources if each.pnl_percent is not None]


def _worth(lesson: Lesson) -> list[Mapping[str, str]]:
    """Return what a lesson was worth, as figures for people."""
    told = words.effect(lesson.effect)
    shares = (
        ("with it", told.with_it),
        ("without it", told.without),
        ("gained", told.gained),
        ("a decision", told.mean),
    )
    return [{"label": label, "value": words.share(value)} for label, value in shares if value is not None]


def _lesson(request: HttpRequest, lesson_id: str) -> Lesson:
    lesson = queries.lesson(lesson_id)
    if lesson is None:
        raise Http404(f"lessons: none has the id {lesson_id!r}")
    if lesson.symbol:
        mandates.refuse_outside(request.user, lesson.symbol)
    return lesson


def _must(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
