"""Signing in and out, the language, and where each role begins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import check_for_language, ngettext
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from omnigov.accounts import locks, services
from omnigov.accounts.forms import SignInForm
from omnigov.accounts.middleware import MemberRequest, role_required
from omnigov.accounts.models import Role, User

BEGINNING = {
    Role.OPERATOR: "decisions:upload",
    Role.OFFICER: "review:queue",
    Role.AUDITOR: "trail:log",
    Role.STEWARD: "review:queue",
}


class SignIn(LoginView):
    """Asks for name and password, and goes on in the person's language."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        # On the record first: nobody comes in unseen.
        services.sign_in_record(user=form.get_user())
        response = super().form_valid(form)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.get_user().language, samesite="Lax")
        return response

    def form_invalid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        if getattr(self.request, "axes_locked_out", False):
            return self._locked(form)
        codes = [error.code for error in form.non_field_errors().as_data()]
        if codes:  # what was left empty is no attempt
            services.sign_in_refuse(username=form.cleaned_data["username"], code=codes[0] or "refused")
        return super().form_invalid(form)

    def _locked(self, form: SignInForm) -> HttpResponse:
        """The same sentence whether somebody has that name or not. The record counts (`accounts.locks`)."""
        minutes = locks.minutes_left(self.request)
        sentence = ngettext(
            "Too many sign-ins with this name were refused. Try again in %(minutes)d minute, or ask your "
            "administrator.",
            "Too many sign-ins with this name were refused. Try again in %(minutes)d minutes, or ask your "
            "administrator.",
            minutes,
        )
        form.errors.pop(NON_FIELD_ERRORS, None)
        form.add_error(None, sentence % {"minutes": minutes})
        response = super().form_invalid(form)
        response.status_code = 429
        return response


class SignOut(LogoutView):
    """Ends the session, and goes back to the sign-in page."""

    http_method_names = ["post", "options"]  # noqa: RUF012 - Django's own attribute

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, User):
            services.sign_out_record(user=request.user)
        return super().post(request, *args, **kwargs)


@role_required()
def home(request: MemberRequest) -> HttpResponse:
    """Sends each role to the page that its work begins on."""
    return redirect(BEGINNING[Role(request.membership.role)])


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Changes the language of the pages, and remembers it with the person."""
    chosen = request.POST.get("language", "")
    if check_for_language(chosen) and isinstance(request.user, User):
        services.language_set(user=request.user, language=chosen)
    return set_language(request)
