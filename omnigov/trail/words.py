"""Fields of entries as a reader calls them, and what stands in them where the house has a word for that."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from omnigov.accounts.models import Role
from omnigov.decisions.models import RunState
from omnigov.erasure.models import Cause
from omnigov.review.models import Verdict

FIELDS = {
    "role": _("role"),
    "before": _("role before"),
    "verdict": _("verdict"),
    "label": _("label"),
    "right_label": _("right label"),
    "outcome": _("outcome"),
    "act": _("what was done"),
    "code": _("code"),
    "cause": _("cause"),
    "profile": _("profile"),
    "entries": _("entries"),
    "use": _("used for"),
    "pseudonym": _("pseudonym"),
    "number": _("version"),
    "changed": _("changed"),
    "known": _("known name"),
    "runs_count": _("runs"),
    "seconds": _("seconds"),
    "step": _("step"),
    "refusals": _("refusals"),
    "refused": _("refused"),
    "lifted": _("lifted by a person"),
}
"""What the column *More* shows of an entry, in its order."""

_ROLES = {role.value: role.label for role in Role}

VALUES = {
    "role": _ROLES,
    "before": _ROLES,
    "verdict": {verdict.value: verdict.label for verdict in Verdict},
    "cause": {cause.value: cause.label for cause in Cause},
    "profile": {"full": _("full"), "redacted": _("redacted")},
    "step": {state.value: state.label for state in RunState},
}

VALUES["act"] = {
    "held": _("taken"),
    "given_back": _("given back"),
    "skipped": _("put off"),
    "handed_over": _("handed over"),
    "escalated": _("escalated by name"),
    "sent_back": _("sent back with a question"),
    "question_answered": _("question answered"),
}

YES, NO = _("yes"), _("no")


def words_of(field: str, value: object) -> str:
    """The value in the reader's words."""
    if isinstance(value, bool):
        return str(YES if value else NO)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(VALUES.get(field, {}).get(str(value), value))
