"""How records look on the pages."""

from __future__ import annotations

from typing import Any, Protocol

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
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
from omnigov.wording import (
    COUNTED,
    FINDINGS,
    FORMATS,
    KINDS,
    MEDIA,
    PLAYERS,
    ROLES,
    RULES,
    SHORTFALLS,
    STATES,
    STEPS,
    VOICES,
)

register = template.Library()


class Named(Protocol):
    """What has a name in both languages."""

    name_en: str
    name_ja: str


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


@register.filter
def question_read(question: str) -> str:
    """A policy's question in the reader's language, where the product has it in that: built-in ones."""
    return gettext(question) if question else ""


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
