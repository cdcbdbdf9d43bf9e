"""How records look on the pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from omnigov import contracts
from omnigov.sentences import spoken

register = template.Library()

STATES = {
    "uploading": ("info", "upload", _lazy("Uploading")),
    "accepted": ("info", "clock", _lazy("Waiting")),
    "refused": ("stop", "cross", _lazy("Refused")),
    "received": ("info", "clock", _lazy("Waiting")),
    "redacting": ("info", "work", _lazy("Hiding personal data")),
    "inferring": ("info", "work", _lazy("Deciding")),
    "attributing": ("info", "work", _lazy("Explaining")),
    "recorded": ("ok", "check", _lazy("Recorded")),
    "quarantined": ("wait", "lock", _lazy("In quarantine")),
    "failed": ("stop", "cross", _lazy("Failed")),
    "cancelled": ("quiet", "minus", _lazy("Cancelled")),
    "erased": ("quiet", "minus", _lazy("Erased")),
    "not_needed": ("quiet", "check", _lazy("No review needed")),
    "waiting": ("wait", "eye", _lazy("Waits for review")),
    "reviewed": ("ok", "check", _lazy("Reviewed")),
    "escalated": ("wait", "flag", _lazy("Escalated")),
    "uphold": ("ok", "check", _lazy("Upheld")),
    "overturn": ("stop", "swap", _lazy("Overturned")),
    "escalate": ("wait", "flag", _lazy("Escalated")),
}
"""Tone, icon and word of a state: never the colour alone."""

FINDINGS = {
    "FACE": _lazy("Face"),
    "PERSON": _lazy("Name of a person"),
    "EMAIL_ADDRESS": _lazy("E-mail address"),
    "PHONE_NUMBER": _lazy("Telephone number"),
    "CREDIT_CARD": _lazy("Payment card number"),
    "IBAN_CODE": _lazy("Bank account number"),
    "IP_ADDRESS": _lazy("Network address"),
    "US_SSN": _lazy("US social security number"),
    "URL": _lazy("Web address"),
    "LOCATION": _lazy("Place"),
    "DATE_TIME": _lazy("Date or time"),
    "JP_MY_NUMBER": _lazy("My Number (Japan)"),
    "JP_POSTAL_CODE": _lazy("Postal code (Japan)"),
    "JP_ADDRESS": _lazy("Address (Japan)"),
}

KINDS = {
    "decision": _lazy("Decision"),
    "attribution": _lazy("Explanation"),
    "review": _lazy("Review"),
    "quarantine": _lazy("Quarantine"),
    "run_failed": _lazy("Failed run"),
    "export": _lazy("Export"),
}

RULES = {
    "high_severity": _lazy("A wrong decision on this label does much harm, so a person always looks."),
    "low_confidence": _lazy("The model's confidence is below the limit that the policy sets."),
    "abstained": _lazy("The model was not sure enough to decide, and abstained."),
    "sample": _lazy("It was drawn at random: the policy has a share of all decisions looked at."),
}

STEPS = {
    "redaction": _lazy("Hiding personal data"),
    "inference": _lazy("Deciding"),
    "attribution": _lazy("Explaining"),
    "recording": _lazy("Recording"),
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


@register.filter
def state_word(name: str) -> str:
    return str(STATES[name][2]) if name in STATES else name


@register.filter
def percent(millionths: int | None) -> str:
    """Millionths as a percentage with one digit."""
    return "" if millionths is None else f"{millionths / 10_000:.1f} %"


@register.filter
def nats(millionths: int) -> str:
    """Millionths of a nat, with a true minus sign."""
    return f"{millionths / 1_000_000:+.3f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def milliseconds(count: int) -> str:
    return f"{count} ms" if count < 1000 else f"{count / 1000:.1f} s"


@register.filter
def short(digest: str) -> SafeString:
    """The first twelve digits; the whole digest is there for who points at it or listens."""
    return format_html('<code class="digest" title="{}">{}…</code>', digest, digest[:12])


@register.filter
def hexadecimal(content: bytes | memoryview) -> str:
    return bytes(content).hex()


@register.filter
def policy_name(policy: Any) -> str:
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
def rule_sentence(code: str) -> str:
    return str(RULES.get(code, code))


@register.filter
def step_name(step: str) -> str:
    return str(STEPS.get(step, step))


@register.filter
def confidence_kind(kind: str) -> str:
    return _("calibrated") if kind == "calibrated" else _("uncalibrated")


@register.filter
def stage_name(stage: str) -> str:
    names = {"image_text": _("Pictures and text"), "audio": _("Sound"), "video": _("Video")}
    return names.get(str(stage), str(stage))


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


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def _japanese() -> bool:
    return (get_language() or "").startswith("ja")


@register.filter
def width(box: contracts.Box) -> int:
    return box.right - box.left


@register.filter
def height(box: contracts.Box) -> int:
    return box.bottom - box.top
