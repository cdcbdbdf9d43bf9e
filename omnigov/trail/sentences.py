"""What an entry says, as one sentence in the reader's language: who did what.

A sentence is made from the entry and from the names of people, policies and labels that the product keeps
beside the record; it holds no more than the entry does. Which file it is about stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omnigov.policies.words import FIELDS
from omnigov.sentences import BY_CODE
from omnigov.templatetags.omnigov import kind_name, stage_name, whole_percent
from omnigov.trail.words import words_of

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """What ids and keys of an entry are called: people, the policy that it is about, the policy's labels."""

    who: str
    people: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    policy: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def person(self, id_: str | None) -> str:
        return self.people.get(str(id_), gettext("somebody unknown")) if id_ else ""

    def label(self, key: str | None) -> str:
        return self.labels.get(str(key), str(key)) if key else gettext("none: nobody decided")


SENTENCES: dict[str, Promise] = {
    "decision": _("The model decided: %(label)s."),
    "decision.abstained": _("The model was not sure enough to decide, and abstained."),
    "attribution": _("The decision could not be explained: %(code)s"),
    "deep_attribution": _("The thorough explanation of the decision is done."),
    "deep_attribution.missing": _("The thorough explanation of the decision failed: %(code)s"),
    "review.uphold": _("%(who)s upheld the decision: %(label)s."),
    "review.overturn": _("%(who)s overturned the decision: not %(label)s, but %(right)s."),
    "review.escalate": _("%(who)s escalated the decision."),
    "review.hidden": _("%(who)s gave a verdict. You see which once you have given your own."),
    "verdict_taken_back": _("%(who)s took their verdict back."),
    "case.held": _("%(who)s took the case."),
    "case.given_back": _("%(who)s gave the case back."),
    "case.skipped": _("%(who)s put the case off."),
    "case.handed_over": _("%(who)s handed the case over to %(to)s."),
    "case.escalated": _("%(who)s escalated the case to %(to)s."),
    "case.sent_back": _("%(who)s sent the case back to the operator with a question."),
    "case.question_answered": _("%(who)s answered the officer's question."),
    "disposition.released": _("%(who)s recorded that it was released: %(outcome)s."),
    "disposition.rejected": _("%(who)s recorded that it was rejected: %(outcome)s."),
    "disposition.sent_on": _("%(who)s recorded that it was sent on: %(outcome)s."),
    "disposition.nothing": _("%(who)s recorded that nothing further was done: %(outcome)s."),
    "letter_made": _("%(who)s made a letter about the decision for the person concerned: %(outcome)s."),
    "known_answer_placed": _("%(who)s put a case with a known answer among those that wait."),
    "absence_set": _("%(who)s is away until %(until)s, and %(to)s stands in."),
    "absence_set.over": _("%(who)s is back."),
    "quarantine": _("The file went into quarantine, and the model saw nothing of it: %(code)s"),
    "run_failed": _("The file could not be decided: %(code)s"),
    "file_refused": _("The file that %(who)s handed in was refused: %(code)s"),
    "run_timed_out": _("A worker made no progress with the file and was stopped."),
    "run_queued": _("%(who)s handed the file in."),
    "run_step.redaction": _("Personal data was hidden in the file."),
    "run_step.inference": _("The model was asked about the redacted copy."),
    "redaction_corrected": _(
        "%(who)s corrected what is hidden: %(added)s places added, %(removed)s taken away."
    ),
    "quarantine_released.by_hand": _(
        "%(who)s let the file out of quarantine with %(regions)s places hidden by hand."
    ),
    "quarantine_released.nothing_visible": _(
        "%(who)s let the file out of quarantine as it is: nothing personal is to be seen."
    ),
    "run_retried": _("%(who)s had the file tried again."),
    "run_cancelled": _("%(who)s took the file back before it was begun."),
    "export.redacted": _("%(who)s exported %(entries)s entries, without anybody's words."),
    "export.full": _("%(who)s exported %(entries)s entries, with the words and the keys to check them."),
    "sign_in": _("%(who)s signed in."),
    "sign_out": _("%(who)s signed out."),
    "sign_in_refused": _("A sign-in as %(who)s was refused."),
    "sign_in_refused.unknown": _("A sign-in with a name that nobody has was refused."),
    "sign_in_locked": _("Sign-ins as %(who)s are locked after %(refusals)s refusals."),
    "sign_in_locked.unknown": _(
        "Sign-ins with a name that nobody has are locked after %(refusals)s refusals."
    ),
    "sign_in_unlocked": _("The lock on a name ended by itself. Tries while it lasted: %(refused)s."),
    "sign_in_unlocked.lifted": _(
        "An administrator ended the lock on a name. Tries while it lasted: %(refused)s."
    ),
    "password_set": _("%(who)s set a new password for %(subject)s."),
    "role_given": _("%(who)s gave %(subject)s the role %(role)s."),
    "role_given.changed": _("%(who)s changed the role of %(subject)s from %(before)s to %(role)s."),
    "policy_published": _("%(who)s published version %(number)s of the policy “%(policy)s”."),
    "policy_published.changed": _(
        "%(who)s published version %(number)s of the policy “%(policy)s”. Changed: %(changed)s."
    ),
    "builtin_declined": _("%(who)s declined the newer text of the policy “%(policy)s”."),
    "model_registered": _("The model version “%(model)s” was registered."),
    "key_made": _("A key came into use: %(use)s."),
    "example_added": _("%(who)s made the file an example of “%(label)s”."),
    "example_removed": _("%(who)s took the file out of the examples of “%(label)s”."),
    "evaluated": _(
        "%(who)s had the policy “%(policy)s” measured: %(share)s of %(examples)s examples were right."
    ),
    "adapted": _("%(who)s had a model adapted to the policy “%(policy)s” on %(examples)s examples."),
    "promotion_proposed": _("%(who)s proposed to ask the policy “%(policy)s” of a model adapted to it."),
    "promoted.yes": _(
        "%(who)s promoted the model adapted to the policy “%(policy)s”, as %(proposer)s had proposed."
    ),
    "promoted.no": _("%(who)s declined to promote the model adapted to the policy “%(policy)s”."),
    "stage_opened": _(
        "%(who)s opened the stage “%(stage)s” for the policy “%(policy)s”, after it was measured."
    ),
    "original_opened": _("%(who)s opened the original, for %(seconds)s seconds."),
    "reidentified": _("%(who)s was shown who %(pseudonym)s is, for %(seconds)s seconds."),
    "hold_placed": _("%(who)s placed a legal hold on the file: it is not erased while that stands."),
    "hold_released": _("%(who)s released a legal hold on the file."),
    "erasure.request": _("%(who)s had the file erased for good."),
    "erasure.retention": _("The file was erased for good: the time for which it is kept was over."),
    "policy_stopped": _("%(who)s stopped the policy “%(policy)s”: nothing is decided under it."),
    "policy_resumed": _("%(who)s let the policy “%(policy)s” go on."),
    "engagement_begun": _("%(who)s engaged %(subject)s as an external auditor, from %(since)s to %(until)s."),
    "engagement_ended": _("%(who)s ended the engagement of %(subject)s."),
    "engagement_ended.over": _("The engagement of %(subject)s is over."),
    "sample_drawn": _("%(who)s drew a sample: %(size)s of %(population)s entries."),
    "sample_sheet": _(
        "%(who)s kept the sheet of a sample of %(size)s entries: %(fine)s with nothing found, %(findings)s "
        "with a finding."
    ),
}
"""By kind, or kind and case of it. A kind without one fails a test."""


def _case_of(kind: str, record: Record) -> str:
    """Which of a kind's sentences it is."""
    field_of = {"case": "act", "quarantine_released": "mode", "export": "profile", "erasure": "cause"} | {
        "disposition": "done"
    }
    if kind in field_of:
        return str(record[field_of[kind]])
    chosen: Mapping[str, Callable[[], str]] = {
        "decision": lambda: "abstained" if record["abstained"] else "",
        "deep_attribution": lambda: "" if record["attribution"] else "missing",
        "review": lambda: str(record.get("verdict", "hidden")),
        "absence_set": lambda: "" if record["stand_in"] else "over",
        "run_step": lambda: str(record["step"]),
        "sign_in_refused": lambda: "" if record["known"] else "unknown",
        "sign_in_locked": lambda: "" if record["known"] else "unknown",
        "sign_in_unlocked": lambda: "lifted" if record["lifted"] else "",
        "role_given": lambda: "changed" if record["before"] else "",
        "policy_published": lambda: "changed" if record["changed"] else "",
        "engagement_ended": lambda: "" if record["by"] else "over",
        "promoted": lambda: "yes" if record["promoted"] else "no",
    }
    return chosen[kind]() if kind in chosen else ""


def sentence_of(kind: str, record: Record, names: Names) -> str:
    """The entry in words. A `review` whose verdict is hidden from the reader comes without its fields."""
    case = _case_of(kind, record)
    said = SENTENCES.get(f"{kind}.{case}" if case else kind)
    return str(said) % _Said(kind, record, names) if said else kind_name(kind)


class _Said(dict[str, str]):
    """The words for a sentence's places, each made when it is asked for."""

    def __init__(self, kind: str, record: Record, names: Names) -> None:
        super().__init__(who=names.who, subject=names.subject, policy=names.policy)
        self._kind, self._record, self._names = kind, record, names

    def __missing__(self, name: str) -> str:
        record, names = self._record, self._names
        made: Mapping[str, Callable[[], str]] = {
            "label": lambda: names.label(_label(record)),
            "outcome": lambda: names.label(record["outcome"]),
            "right": lambda: names.label(record["right_label"]),
            "to": lambda: _people(record, names),
            "since": lambda: moment(record["since"]),
            "until": lambda: moment(record["until"]),
            "code": lambda: _code(record),
            "changed": lambda: ", ".join(str(FIELDS.get(each, each)) for each in record["changed"]),
            "model": lambda: str(record["model"]["name"]),
            "share": lambda: whole_percent(record["accuracy"]),
            "examples": lambda: str(record["examples_count"]),
            "proposer": lambda: names.person(record["proposed_by"]),
            "stage": lambda: stage_name(record["stage"]),
            "use": lambda: str(KEY_USES.get(record["use"], record["use"])),
        }
        if name in made:
            return made[name]()
        return words_of(name, record[name])


KEY_USES = {
    "log_signing": _("it signs the log"),
    "key_encryption": _("it wraps the keys of media"),
    "workspace": _("the workspace's own"),
}


def _label(record: Record) -> str | None:
    """What was decided: an old entry of a decision names only its scores."""
    found: str | None = record.get("label")
    return found


def _people(record: Record, names: Names) -> str:
    to = record.get("to", [record.get("stand_in")])
    return ", ".join(names.person(each) for each in to if each)


def _code(record: Record) -> str:
    code = str(record.get("code") or record.get("attribution_missing"))
    return str(BY_CODE[code]) if code in BY_CODE else f"{code.replace('_', ' ')}."


def moment(text: str) -> str:
    """A point in time of an entry, in the reader's own time zone."""
    return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
