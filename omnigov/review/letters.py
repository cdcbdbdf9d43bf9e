"""A letter about a decision for the person concerned: what was decided, by what, who looked, how to object.

It names roles and no people: an officer is not left to whoever is angry at a decision. It quotes neither the
medium nor anybody's reason, which were written for others to read. A letter is made once, kept as it was
made, and on the record by a commitment to its paragraphs; erasing the medium erases it too. Who it goes to
stands on the envelope and not in here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnigov.accounts.models import Membership, Role, User, Workspace
from omnigov.decisions.models import Decision
from omnigov.decisions.services import NotPossible
from omnigov.keys import keyring
from omnigov.ledger import canonical, schemas
from omnigov.ledger import services as ledger
from omnigov.review.after import decision_locked, leaf_of, member_of, outcome_holds
from omnigov.review.after_models import Letter, LetterContact
from omnigov.review.cases import verdicts_standing
from omnigov.review.models import Correction, Review
from omnigov.templatetags.omnigov import label_name, measured_sentence, policy_name

LANGUAGES = ("en", "ja")
MOST = 2000
MOST_DAYS = 365


@dataclass(frozen=True)
class Contact:
    """Where to object, and within how many days."""

    contact: str = ""
    days: int = 30


def contact_of(workspace: Workspace) -> Contact:
    """As it was filled in for the last letter."""
    found = LetterContact.objects.filter(workspace=workspace).first()
    return Contact(found.contact, found.days) if found else Contact()


@transaction.atomic
def letter_make(
    *,
    decision_id: uuid.UUID,
    by: User,
    language: str,
    contact: str,
    days: int,
    own_words: str = "",
    letter_id: uuid.UUID | None = None,
) -> Letter:
    """Makes the letter and its entry. The same id again is the same letter. Raises `NotPossible`."""
    decision = decision_locked(decision_id)
    known = Letter.objects.filter(pk=letter_id).first() if letter_id else None
    if known:
        return known
    membership = member_of(decision, by, Role.OFFICER)
    verdict = outcome_holds(decision)
    contact, own_words = contact.strip(), own_words.strip()
    _check(language, contact, days, own_words)
    with translation.override(language):
        content = _paragraphs(decision, verdicts_standing(decision.id), contact, days, own_words)
    letter = Letter(
        id=letter_id or uuid.uuid4(), decision=decision, language=language, content=content, by=by
    )
    keys = keyring().asset(decision.run.asset_id)
    body = schemas.LetterMade.model_validate(
        {
            "decision": leaf_of(decision.entry),
            "review": leaf_of(verdict.entry) if verdict else None,
            "outcome": decision.outcome,
            "letter": keys.commit(canonical.encode(content)),
            "language": language,
            "by": by.id,
            "role": membership.role,
        }
    )
    entry = ledger.record(
        body,
        workspace=decision.run.workspace_id,
        subject=decision.run_id,
        idempotency_key=f"letter:{letter.id}",
    )
    letter.entry = entry.id
    letter.save(force_insert=True)
    LetterContact.objects.update_or_create(
        workspace=decision.run.workspace, defaults={"contact": contact, "days": days}
    )
    return letter


def _check(language: str, contact: str, days: int, own_words: str) -> None:
    if language not in LANGUAGES:
        raise NotPossible("Choose English or Japanese.")
    if len(contact) < 5:
        raise NotPossible("Say where to object: an address that somebody reads.")
    if not 1 <= days <= MOST_DAYS:
        raise NotPossible("Say within how many days: from 1 to 365.")
    if max(len(contact), len(own_words)) > MOST:
        raise NotPossible("This is too long. Shorten what you wrote.")
    if "\0" in contact + own_words:
        raise NotPossible("There is a sign in what you wrote that no text has. Write it anew.")


# --- what stands in it -----------------------------------------------------------------------------------

ROLES: dict[str, Promise] = {
    Role.OFFICER: gettext_lazy("a compliance officer"),
    Role.STEWARD: gettext_lazy("a steward of the rules"),
}


def _paragraphs(
    decision: Decision, verdicts: Sequence[Review], contact: str, days: int, own_words: str
) -> list[list[str]]:
    """Heading and paragraph in turn, in the language that is on."""
    spec = decision.run.policy_version.spec
    labels = {label.key: label_name(label) for label in spec.labels}
    return [
        [_("What was decided"), *_decided(decision, labels)],
        [_("What decided it"), *_by_what(decision)],
        [_("Who looked at it"), *_who_looked(decision, verdicts, labels)],
        *([[_("What we add"), *_split(own_words)]] if own_words else []),
        [_("How to object"), *_how(contact, days)],
        [_("How to have this checked"), _proof(decision)],
    ]


def _decided(decision: Decision, labels: dict[str, str]) -> list[str]:
    run = decision.run
    said = {
        "outcome": labels.get(decision.outcome, decision.outcome),
        "question": run.policy_version.spec.question,
        "day": timezone.localtime(decision.created_at).strftime("%Y-%m-%d"),
    }
    return [
        _("A file that you are concerned by was looked at on %(day)s. The result that holds is: %(outcome)s.")
        % said,
        _("The question was: “%(question)s”") % said,
        _("The answers to choose from were: %(labels)s.") % {"labels": _(", ").join(labels.values())},
    ]


def _by_what(decision: Decision) -> list[str]:
    version = decision.run.policy_version
    said = {
        "policy": policy_name(version.policy),
        "number": version.number,
        "model": decision.run.model_version.spec.name,
    }
    sure = decision.measurement
    return [
        _(
            "A computer program answered first: the model “%(model)s”, by version %(number)s of the rule "
            "“%(policy)s”."
        )
        % said,
        _(
            "Before that, faces, names, addresses and the like were hidden in the file as far as they were "
            "found. The program saw the redacted copy alone."
        ),
        _("The program was not sure enough to answer.") if decision.abstained else _model_said(decision),
        (
            _("How often it is right. %(measured)s.") % {"measured": measured_sentence(sure)}
            if sure
            else _("How often it is right under this rule was not measured.")
        ),
    ]


def _model_said(decision: Decision) -> str:
    labels = {each.key: label_name(each) for each in decision.run.policy_version.spec.labels}
    return _("Its answer was: %(label)s.") % {"label": labels.get(decision.label, decision.label)}


def _who_looked(decision: Decision, verdicts: Sequence[Review], labels: dict[str, str]) -> list[str]:
    corrected = Correction.objects.filter(run=decision.run).exists()
    found = [_("A person checked what is hidden in the file before it was decided.")] if corrected else []
    if not verdicts:
        return [*found, _("No person looked at the result. You may ask that one does: see below.")]
    people = len({each.officer_id for each in verdicts})
    said = ngettext("%(number)s person looked at it:", "%(number)s people looked at it:", people)
    return [
        *found,
        said % {"number": people},
        *(_verdict(each, _role(each, decision), decision, labels) for each in verdicts),
    ]


def _verdict(review: Review, role: str, decision: Decision, labels: dict[str, str]) -> str:
    said = {
        "day": timezone.localtime(review.created_at).strftime("%Y-%m-%d"),
        "role": role,
        "label": labels.get(review.label, review.label),
    }
    if review.verdict == "escalate":
        return _("%(day)s: %(role)s asked for somebody else to decide.") % said
    if review.verdict == "overturn":
        return _("%(day)s: %(role)s set another result than the program’s: %(label)s.") % said
    return _("%(day)s: %(role)s agreed with the program.") % said


def _role(review: Review, decision: Decision) -> str:
    """The officer's role, and never who it is."""
    found = Membership.objects.filter(user=review.officer_id, workspace=decision.run.workspace_id).first()
    return str(ROLES.get(found.role if found else Role.OFFICER, ROLES[Role.OFFICER]))


def _how(contact: str, days: int) -> list[str]:
    return [
        ngettext(
            "If you do not agree, write to us within %(days)s day. Say what is wrong; no proof is needed. "
            "A person looks at what you write, and no program answers it.",
            "If you do not agree, write to us within %(days)s days. Say what is wrong; no proof is needed. "
            "A person looks at what you write, and no program answers it.",
            days,
        )
        % {"days": days},
        *_split(contact),
        _("Other rights that the law gives you are not touched by this letter."),
    ]


def _proof(decision: Decision) -> str:
    return _(
        "What is said here is on a record that nobody can change afterwards. Name this number when you "
        "write, and it can be shown to you: %(number)s."
    ) % {"number": str(decision.id)}


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
