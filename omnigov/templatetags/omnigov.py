"""How records look on the pages."""

from __future__ import annotations

from typing import Any, Protocol

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from omnigov import contracts
from omnigov.accounts.models import Role
from omnigov.contracts.decision import EMPTY_FIELD
from omnigov.contracts.evaluation import Evaluation
from omnigov.contracts.stage import Said
from omnigov.policies.models import Measurement, Policy, PolicyVersion
from omnigov.policies.queries import measurement_of
from omnigov.policies.stopping import stop_of
from omnigov.sentences import spoken

register = template.Library()


class Named(Protocol):
    """What has a name in both languages."""

    name_en: str
    name_ja: str


STATES = {
    "uploading": ("info", "upload", _("Uploading")),
    "checking": ("info", "work", _("Being checked")),
    "accepted": ("info", "clock", _("Waiting")),
    "refused": ("stop", "cross", _("Refused")),
    "received": ("info", "clock", _("Waiting")),
    "redacting": ("info", "work", _("Hiding personal data")),
    "inferring": ("info", "work", _("Deciding")),
    "attributing": ("info", "work", _("Explaining")),
    "recorded": ("ok", "check", _("Recorded")),
    "kept": ("ok", "check", _("Kept as an example")),
    "quarantined": ("wait", "lock", _("In quarantine")),
    "failed": ("stop", "cross", _("Failed")),
    "cancelled": ("quiet", "minus", _("Cancelled")),
    "erased": ("quiet", "minus", _("Erased")),
    "not_needed": ("quiet", "check", _("No review needed")),
    "waiting": ("wait", "eye", _("Waits for review")),
    "reviewed": ("ok", "check", _("Reviewed")),
    "escalated": ("wait", "flag", _("Escalated")),
    "corrected": ("quiet", "swap", _("Corrected")),
    "by_hand": ("wait", "boxes", _("Redacted by hand by an officer")),
    "uphold": ("ok", "check", _("Upheld")),
    "overturn": ("stop", "swap", _("Overturned")),
    "escalate": ("wait", "flag", _("Escalated")),
    "taken_back": ("quiet", "minus", _("Taken back")),
    "released": ("ok", "check", _("Released")),
    "rejected": ("stop", "cross", _("Rejected")),
    "sent_on": ("info", "swap", _("Sent on")),
    "nothing": ("quiet", "minus", _("Nothing further done")),
    "sent_back": ("wait", "again", _("With the operator")),
    "answered": ("ok", "check", _("Answered")),
    "closed": ("quiet", "minus", _("Closed")),
    "open": ("wait", "eye", _("Waits for review")),
}
"""Tone, icon and word of a state: never the colour alone."""

FINDINGS = {
    "FACE": _("Face"),
    "PERSON": _("Name of a person"),
    "EMAIL_ADDRESS": _("E-mail address"),
    "PHONE_NUMBER": _("Telephone number"),
    "CREDIT_CARD": _("Payment card number"),
    "IBAN_CODE": _("Bank account number"),
    "IP_ADDRESS": _("Network address"),
    "US_SSN": _("US social security number"),
    "URL": _("Web address"),
    "LOCATION": _("Place"),
    "DATE_TIME": _("Date or time"),
    "JP_MY_NUMBER": _("My Number (Japan)"),
    "JP_POSTAL_CODE": _("Postal code (Japan)"),
    "JP_ADDRESS": _("Address (Japan)"),
    "JP_CORPORATE_NUMBER": _("Corporate number (Japan)"),
    "JP_DRIVING_LICENCE": _("Driving licence number (Japan)"),
    "JP_PASSPORT": _("Passport number (Japan)"),
    "JP_HEALTH_INSURANCE": _("Health insurance number (Japan)"),
    "JP_RESIDENCE_CARD": _("Residence card number (Japan)"),
    "JP_PENSION_NUMBER": _("Pension number (Japan)"),
    "JP_BANK_ACCOUNT": _("Bank account (Japan)"),
    "MRZ": _("Machine-readable zone of a passport or card"),
    "SIGNATURE": _("Signature"),
    "LICENCE_PLATE": _("Licence plate"),
    "CODE": _("QR code or barcode"),
    "SEAL": _("Seal impression"),
    "SCREEN": _("Lit screen"),
    "SPEECH": _("Speech that was not understood"),
    "UNCLEAR_WORD": _("Word heard in two ways"),
    "SEVERAL_VOICES": _("Several people speaking at once"),
    "SPOKEN_NUMBER": _("Spoken number"),
    "SPELLED_LETTERS": _("Spelled letters"),
    "BY_HAND": _("Hidden by a person"),
    "FORM_FIELD": _("Field of a form"),
    "UNREADABLE_TEXT": _("Text that could not be read"),
}

KINDS = {
    "decision": _("Decision"),
    "attribution": _("Explanation"),
    "deep_attribution": _("Thorough explanation"),
    "review": _("Review"),
    "verdict_taken_back": _("Verdict taken back"),
    "case": _("Case"),
    "absence_set": _("Absence"),
    "disposition": _("What was done after a verdict"),
    "letter_made": _("Letter made"),
    "known_answer_placed": _("Known answer put in"),
    "quarantine": _("Quarantine"),
    "run_failed": _("Failed run"),
    "export": _("Export"),
    "sign_in": _("Sign-in"),
    "run_timed_out": _("Worker stopped: no progress"),
    "sign_in_locked": _("Sign-in locked"),
    "sign_in_unlocked": _("Sign-in unlocked"),
    "sign_in_refused": _("Refused sign-in"),
    "sign_out": _("Sign-out"),
    "password_set": _("New password"),
    "role_given": _("Role given"),
    "policy_published": _("Policy published"),
    "example_added": _("Example added"),
    "example_removed": _("Example removed"),
    "evaluated": _("Policy measured"),
    "adapted": _("Model adapted to a policy"),
    "promotion_proposed": _("Promotion proposed"),
    "promoted": _("Promotion decided"),
    "stage_opened": _("Stage opened for a policy"),
    "builtin_declined": _("Newer text of a policy declined"),
    "model_registered": _("Model registered"),
    "key_made": _("Key in use"),
    "file_refused": _("File refused"),
    "run_queued": _("Run queued"),
    "run_step": _("Step of a run"),
    "redaction_corrected": _("Redaction corrected"),
    "quarantine_released": _("Released from quarantine"),
    "run_retried": _("Run tried again"),
    "run_cancelled": _("Run cancelled"),
    "original_opened": _("Original opened"),
    "reidentified": _("Person behind a pseudonym shown"),
    "hold_placed": _("Legal hold placed"),
    "hold_released": _("Legal hold released"),
    "erasure": _("Erasure"),
    "policy_stopped": _("Policy stopped"),
    "policy_resumed": _("Policy goes on"),
    "engagement_begun": _("Engagement"),
    "engagement_ended": _("End of an engagement"),
    "sample_drawn": _("Sample drawn"),
    "sample_sheet": _("Sheet of a sample"),
}

ROLES = {
    "vision_tower": _("Vision tower"),
    "connector": _("Connector"),
    "language_model": _("Language model"),
    "tokenizer": _("Tokenizer"),
    "sound_tower": _("Sound tower"),
    "sound_connector": _("Sound connector"),
    "sound_kinds": _("What tells kinds of sound"),
    "clip_connector": _("Connector of clips"),
    "object_detector": _("The detector of persons and vehicles"),
}

VOICES = {
    "model": _("The model alone"),
    "head": _("What was adapted to this policy"),
    "text": _("The reader of writing"),
    "detectors": _("The detectors"),
    "sound": _("What tells kinds of sound"),
    "objects": _("The detector of persons and vehicles"),
}

COUNTED = {
    "lines": _("lines"),
    "badly_read": _("badly read"),
    "turns": _("turns"),
    "heard_badly": _("heard badly"),
    "empty": _("nothing to decide by"),
    "instructions": _("tells what to answer"),
    "unlike": _("of another kind than the examples"),
    "speech": _("stretches of speech"),
    "music": _("stretches of music"),
    "alarm": _("stretches of an alarm"),
    "machine": _("stretches of a machine"),
    "other": _("stretches of another sound"),
}

RULES = {
    "not_measured": _(
        "How often the model is right under this policy was never measured, so a person looks at every "
        "decision."
    ),
    "high_severity": _("A wrong decision on this label does much harm, so a person always looks."),
    "low_confidence": _("The model's confidence is below the limit that the policy sets."),
    "abstained": _("The model was not sure enough to decide, and abstained."),
    "sample": _("It was drawn at random: the policy has a share of all decisions looked at."),
    "corrected": _("A person changed what is hidden, so the new decision is looked at."),
    "badly_read": _(
        "Much of what is written or said was understood badly, so something personal may have been left: a "
        "person looks at the redacted copy."
    ),
    "many_regions": _("Very many places are hidden, so a person looks at the redacted copy."),
    "redaction_sample": _("It was drawn at random: the policy has a share of all redacted copies looked at."),
}

SHORTFALLS = {
    "detector_missing": _("it did not load"),
    "detector_failed": _("it stopped with an error"),
    "detector_silent": _("it found nothing in a picture made for it to find something in"),
    "still_found": _("Personal data was still found after the last look, and was hidden."),
    "unknown_kind": _("The policy asks to hide something that no detector finds."),
    "no_template": _("the picture is none of the forms that the policy knows"),
}

STEPS = {
    "redaction": _("Time to hide"),
    "inference": _("Time to decide"),
    "attribution": _("Time to explain"),
    "recording": _("Time to record"),
}

MEDIA = {
    "picture": ("picture", _("Picture")),
    "document": ("pages", _("Document")),
    "text": ("text", _("Text")),
    "sound": ("sound", _("Recording")),
    "video": ("video", _("Video")),
}
"""Icon and word of a kind of medium."""

FORMATS = {
    "plain": _("plain text"),
    "markdown": _("Markdown"),
    "csv": _("table (CSV)"),
    "json": _("JSON"),
    "json_lines": _("JSON, a record a line"),
    "xml": _("XML"),
    "subtitles": _("subtitles"),
    "mail": _("e-mail"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture beside words that say the same, so hidden from screen readers."""
    source = static("icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', source, name)


@register.simple_tag
def state(name: str) -> SafeString:
    """A state as a badge: icon and word."""
    tone, picture, word = STATES.get(name, ("quiet", "minus", name))
    return format_html('<span class="badge {}">{}<span>{}</span></span>', tone, icon(picture), word)


@register.simple_tag
def medium_sign(kind: str) -> SafeString:
    """A small sign of a kind of medium, with its word for who listens or points at it; none for others."""
    if kind not in MEDIA:
        return SafeString("")
    picture, word = MEDIA[kind]
    return format_html(
        '<span class="medium-sign" title="{}">{}<span class="hidden">{}: </span></span>',
        word,
        icon(picture),
        word,
    )


@register.simple_tag
def medium_icon(kind: str) -> SafeString:
    """The sign of a kind of medium alone, where words beside it say the same."""
    return icon(MEDIA[kind][0] if kind in MEDIA else "text")


@register.filter
def format_name(name: str) -> str:
    return str(FORMATS.get(str(name), name))


@register.filter
def state_word(name: str) -> str:
    return str(STATES[name][2]) if name in STATES else name


@register.filter
def percent(millionths: int | None) -> str:
    """Millionths as a percentage with one digit."""
    return "" if millionths is None else f"{millionths / 10_000:.1f} %"


PLAYERS = {
    "question": _("Words of the question"),
    "pictures": _("Pictures"),
    "sound": _("What is heard"),
    "text": _("Text of the file"),
}


@register.filter
def player(name: str) -> str:
    """What an exact share is of."""
    return str(PLAYERS.get(name, name))


@register.filter
def nats(millionths: int) -> str:
    """Millionths of a nat, with a true minus sign."""
    return f"{millionths / 1_000_000:+.3f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def milliseconds(count: int) -> str:
    return f"{count} ms" if count < 1000 else f"{count / 1000:.1f} s"


@register.filter
def clock(count: int) -> str:
    """Milliseconds from the beginning of a recording, as 0:07.5 or 1:02:30.0."""
    minutes, rest = divmod(max(0, count), 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 1000:02d}.{rest % 1000 // 100}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"


@register.filter
def lasting(interval: contracts.Interval) -> int:
    """How long it is, in milliseconds."""
    return interval.end - interval.start


@register.filter
def lanes_height(count: int) -> int:
    """Pixels of so many speakers' lines, one below the other."""
    return 28 * count


@register.simple_tag
def speaker(number: int, name: str) -> str:
    """What a speaker is called: by the pseudonym, or by a number in this recording."""
    if name:
        return name
    if number < 0:
        return str(_("Other speakers"))
    return str(_("Speaker %(number)s") % {"number": number}) if number else str(_("Unknown speaker"))


@register.filter
def clock_whole(count: int) -> str:
    """The same without parts of a second."""
    return clock(count).rpartition(".")[0]


@register.filter
def short(digest: str) -> SafeString:
    """The first twelve digits; the whole digest is there for who points at it or listens."""
    return format_html('<code class="digest" title="{}">{}…</code>', digest, digest[:12])


@register.filter
def hexadecimal(content: bytes | memoryview) -> str:
    return bytes(content).hex()


@register.filter
def policy_name(policy: Named) -> str:
    return policy.name_ja if _japanese() else policy.name_en


@register.filter
def label_name(label: contracts.Label | None) -> str:
    if label is None:
        return ""
    return label.name_ja if _japanese() else label.name_en


@register.simple_tag
def label_of(spec: contracts.PolicySpec, key: str) -> str:
    """The label's name in the reader's language; the key where the policy has no such label."""
    return next((label_name(label) for label in spec.labels if label.key == key), key)


@register.filter
def finding_name(kind: str) -> str:
    return str(FINDINGS.get(kind.upper(), kind))


@register.filter
def kind_name(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@register.filter
def role_name(role: str) -> str:
    return str(ROLES.get(role, role))


@register.filter
def role_word(role: str) -> str:
    """A person's role, by its name on the record."""
    return str(dict(Role.choices).get(role, role))


@register.filter
def rule_sentence(code: str) -> str:
    return str(RULES.get(code, code))


@register.filter
def shortfall_words(shortfall: contracts.Shortfall) -> str:
    """What did not work, in words: the detector's name before it, where it was one."""
    words = str(SHORTFALLS.get(shortfall.code, spoken(shortfall.code, shortfall.code)))
    return f"{shortfall.detector}: {words}" if shortfall.detector else words


@register.filter
def step_name(step: str) -> str:
    return str(STEPS.get(step, step))


@register.filter
def confidence_kind(kind: str) -> str:
    return str({"uncalibrated": _("uncalibrated"), "calibrated": _("calibrated")}.get(kind, kind))


@register.filter
def voice_name(who: str) -> str:
    """Who was asked about a medium."""
    return str(VOICES.get(who, who))


@register.filter
def counted_name(kind: str) -> str:
    """What one of these counted: kinds of findings, or lines."""
    if kind.startswith(EMPTY_FIELD):
        return _("field that has to be filled in and is empty: %(name)s") % {
            "name": kind.removeprefix(EMPTY_FIELD)
        }
    return str(COUNTED.get(kind) or finding_name(kind.upper()))


@register.filter
def measurement(version: PolicyVersion) -> Measurement | None:
    """What is known of how often this version is answered rightly. One query: not for lists."""
    return measurement_of(version)


@register.filter
def stopped(policy: Policy) -> bool:
    """Whether nothing is decided under the policy now. One query: not for lists."""
    return stop_of(policy) is not None


@register.simple_tag
def measured(found: Measurement | None) -> SafeString:
    """How often it is right, in a word and with its interval; or that nobody has measured that."""
    if found is None:
        tone, sign, words = "wait", "flag", str(_("Not measured"))
    else:
        tone, sign, words = "quiet", "check", measured_words(found.evaluation)
    return format_html('<span class="badge long {}">{}<span>{}</span></span>', tone, icon(sign), words)


@register.filter
def measured_sentence(found: Measurement) -> str:
    """What was measured, in a sentence: on how many examples, and what the confidence is worth."""
    kind = _("calibrated confidence") if found.evaluation.calibrated else _("uncalibrated confidence")
    return f"{measured_words(found.evaluation)}; {kind}"


def measured_words(said: Evaluation) -> str:
    """As “Measured: 87 % of 60 examples right, 95 % interval 76 to 93 %”."""
    words = _("Measured: %(share)s of %(n)s examples right, 95 %% interval %(low)s to %(high)s")
    return str(words) % {
        "share": whole_percent(said.accuracy.value),
        "n": said.n,
        "low": whole_percent(said.accuracy.low),
        "high": whole_percent(said.accuracy.high),
    }


@register.filter
def whole_percent(share: int) -> str:
    """A share in millionths without decimals: what is known of an interval's end is no more than that."""
    return f"{round(share / 10_000)} %"


@register.filter
def stage_name(stage: str) -> str:
    names = {"image_text": _("Pictures and text"), "audio": _("Sound"), "video": _("Video")}
    return str(names.get(str(stage), stage))


@register.filter
def in_language(said: Said) -> str:
    """Words that a file has in both languages."""
    return said.ja if _japanese() else said.en


@register.simple_tag
def sentence(code: str, text: str) -> str:
    """A sentence of a service or a worker in the reader's language."""
    return spoken(code, text)


@register.filter
def strength(value: int, values: list[contracts.TokenShare]) -> str:
    """How strong a token's share is beside the strongest one: a class, for … more, against … less."""
    most = max((abs(each.value) for each in values), default=0)
    level = 0 if most == 0 else min(4, round(4 * abs(value) / most))
    return f"{'for' if value >= 0 else 'against'} level-{level}"


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


def _japanese() -> bool:
    return (get_language() or "").startswith("ja")


@register.filter
def width(box: contracts.Area) -> int:
    return box.right - box.left


@register.filter
def height(box: contracts.Area) -> int:
    return box.bottom - box.top
