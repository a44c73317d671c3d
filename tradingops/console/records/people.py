"""Rooms for people: who may sign in, what each may do, and about what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from strands import figures
from tradingops.console.records import record
from tradingops.console.records.columns import figure
from tradingops.mandates.models import Mandate

admin.site.unregister(User)
admin.site.unregister(Group)
# Their own rooms show the secrets; a person's account is the only way to them.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    warn_unsaved_form = True
    list_display = ["username", "roles", "bounds", "is_active", "signed_in", "email"]
    list_filter = ["groups", "is_active", "is_superuser"]
    readonly_fields = ("account", "signed_in", "joined")
    fieldsets = (
        *(each for each in DjangoUserAdmin.fieldsets or () if "date_joined" not in each[1]["fields"]),
        ("Security", {"fields": readonly_fields}),
    )

    @admin.display(description="Last sign-in, UTC", ordering="last_login")
    def signed_in(self, person: User) -> str:
        return record.fact(person, "last_login")

    @admin.display(description="Joined")
    def joined(self, person: User) -> str:
        return record.fact(person, "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Bring everybody's roles and mandates in one question each."""
        found: QuerySet[User] = super().get_queryset(request)
        return found.prefetch_related("groups", "mandates")

    @admin.display(description="Roles")
    def roles(self, person: User) -> str:
        """Name the roles that somebody has."""
        named = sorted(each.name for each in person.groups.all())
        return ", ".join([*named, *(["everything, as superuser"] if person.is_superuser else [])]) or figures.ABSENT

    @admin.display(description="Own mandates")
    def bounds(self, person: User) -> str:
        """Name the mandates of somebody's own."""
        return ", ".join(sorted(each.name for each in person.mandates.all())) or figures.ABSENT

    @admin.display(description="Second factor and sign-ins")
    def account(self, person: User) -> str:
        """Lead to a person's account, where both are taken away."""
        address = reverse("admin:console_account_of", args=[person.pk])
        return format_html('<a class="link" href="{}">Account of {}</a>', address, person.get_username())


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    warn_unsaved_form = True


@admin.register(Mandate)
class MandateAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ["name", "person", "group", "symbols", "venues", figure("most_notional", figures.money), "modes"]
    list_select_related = ["person", "group"]
    search_fields = ["name", "person__username", "group__name"]
    warn_unsaved_form = True
    actions = None

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Give a line to what is a few words, separated by commas."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and db_field.name in ("symbols", "venues", "modes"):
            field.widget.attrs["rows"] = 1
        return field
