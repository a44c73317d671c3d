"""The addresses of the console's own pages within the admin; a page that is not named here cannot be reached."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from tradingops.console.account import page as account
from tradingops.console.audit import page as audit
from tradingops.console.countersigns import page as countersigns
from tradingops.console.decisions import page as decisions
from tradingops.console.evidence import page as evidence
from tradingops.console.feed import page as feed
from tradingops.console.halts import page as halts
from tradingops.console.home import page as home
from tradingops.console.inbox import asides as beside_plans
from tradingops.console.inbox import dialogs as words_on_plans
from tradingops.console.inbox import page as inbox
from tradingops.console.lessons import page as lessons
from tradingops.console.lifecycle import page as lifecycle
from tradingops.console.messages import page as messages
from tradingops.console.notices import page as notices
from tradingops.console.policies import dialogs as about_policies
from tradingops.console.policies import page as policies
from tradingops.console.policies import trial_pages as trials
from tradingops.console.scorecard import page as scorecard
from tradingops.console.trades import dialogs as acts
from tradingops.console.trades import page as trades


def urlpatterns_for(site: AdminSite) -> list[URLPattern]:
    """Return the pages' routes, each behind the site's own sign-in."""
    seen = site.admin_view
    return [
        path("dashboard/", seen(home.panels), name="console_dashboard"),
        path("halts/", seen(halts.banner), name="console_halts"),
        path("halts/<slug:action>/", seen(halts.dialog), name="console_halts_action"),
        path("countersigns/<slug:action>/", seen(countersigns.dialog), name="console_countersigns_action"),
        path("inbox/", seen(inbox.page), name="console_inbox"),
        path("inbox/say/<slug:action>/", seen(words_on_plans.dialog), name="console_inbox_action"),
        path("inbox/plan/<str:key>/", seen(inbox.item), name="console_inbox_item"),
        path("inbox/plan/<str:key>/next/", seen(inbox.step), {"way": "next"}, name="console_inbox_next"),
        path("inbox/plan/<str:key>/previous/", seen(inbox.step), {"way": "previous"}, name="console_inbox_previous"),
        path("inbox/plan/<str:key>/<slug:action>/", seen(beside_plans.dialog), name="console_inbox_aside"),
        *decisions.addresses(site),
        path("account/", seen(account.page), name="console_account"),
        path("account/<slug:action>/", seen(account.act), name="console_account_action"),
        path("account/of/<int:key>/", seen(account.page_of), name="console_account_of"),
        path("account/of/<int:key>/<slug:action>/", seen(account.act_of), name="console_account_of_action"),
        path("notices/", seen(notices.page), name="console_notices"),
        path("notices/bell/", seen(notices.bell), name="console_notices_bell"),
        path("notices/<slug:action>/", seen(notices.act), name="console_notices_action"),
        path("audit/", seen(audit.page), name="console_audit"),
        path("audit/csv/", seen(audit.file), name="console_audit_csv"),
        path("trades/", seen(trades.page), name="console_trades"),
        path("trades/csv/", seen(trades.csv), name="console_trades_csv"),
        path("trades/<slug:action>/", seen(acts.dialog), name="console_trades_action"),
        path("messages/", seen(messages.page), name="console_messages"),
        path("messages/<str:action>/", seen(messages.dialog), name="console_messages_action"),
        path("policies/", seen(policies.listed), name="console_policies"),
        path("policies/shadows/<int:key>/", seen(trials.shadow), name="console_policy_shadow"),
        path("policies/jobs/<int:key>/", seen(trials.result), name="console_policy_job"),
        path("policies/<slug:policy>/", seen(policies.history), name="console_policy"),
        path("policies/<slug:policy>/draft/", seen(policies.draft), name="console_policy_draft"),
        path("policies/<slug:policy>/<int:nth>/", seen(policies.version), name="console_policy_version"),
        path("policies/<slug:policy>/<int:number>/trials/", seen(trials.fragment), name="console_policy_trials"),
        path(
            "policies/<slug:policy>/<int:number>/<slug:action>/",
            seen(about_policies.dialog),
            name="console_policy_action",
        ),
        path("live/", seen(feed.page), name="console_live"),
        path("lifecycle/<path:lifecycle_id>/", seen(lifecycle.page), name="console_lifecycle"),
        path("evidence/<str:key>/", seen(evidence.page), name="console_evidence"),
        path("lesson/<str:lesson_id>/", seen(lessons.page), name="console_lesson"),
        path("lesson/<str:lesson_id>/<slug:action>/", seen(lessons.dialog), name="console_lesson_action"),
        path("scorecard/", seen(scorecard.page), name="console_scorecard"),
        path("scorecard/<slug:module>/<str:name>/", seen(scorecard.curator), name="console_scorecard_curator"),
    ]
