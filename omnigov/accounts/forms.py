"""What people fill in to sign in."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Name and password. One sentence for both being wrong: which one it was is nobody's business."""

    error_messages = {  # noqa: RUF012 - Django's own attribute
        "invalid_login": _("The name or the password is not right. Check both, and try again."),
        "inactive": _("This account is closed. Ask your administrator."),
    }
