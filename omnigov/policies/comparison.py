"""What differs between two versions of a policy, and what of it hides less than before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel

from omnigov.contracts import MILLION, Area, FormTemplate, PolicySpec, RedactionProfile
from omnigov.policies.words import FIELDS, FILLS, LANGUAGES
from omnigov.templatetags.omnigov import finding_name

# A field that was drawn anew may lie so much further inside on each side: a hand does not meet a line twice.
SLACK = 0.005  # of the form's side


@dataclass(frozen=True)
class Difference:
    """One thing that differs, in the reader's words. `weaker`: something stays visible that was hidden."""

    name: str
    before: str
    after: str
    weaker: bool = False


def differences(before: PolicySpec, after: PolicySpec) -> list[Difference]:
    """All that differs; first what is hidden less than before."""
    found = [*_redaction(before.redaction, after.redaction), *_rest(before, after)]
    return sorted(found, key=lambda difference: not difference.weaker)


def _redaction(old: RedactionProfile, new: RedactionProfile) -> Iterator[Difference]:
    special = {
        "entities": _kinds,
        "languages": _languages,
        "templates": _templates,
        "fill": _fill,
    }
    for name in RedactionProfile.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name in special:
            yield from special[name](old, new)
        elif isinstance(before, bool):
            yield _difference(f"redaction_{name}", before, after, weaker=before)
        elif not isinstance(before, int):
            # What this page knows no rule for is shown as a warning.
            yield _difference(f"redaction_{name}", before, after, weaker=True)
        else:
            # A threshold that rises finds less; a margin that shrinks hides less.
            weaker = after < before if name == "padding" else after > before
            yield Difference(_word(f"redaction_{name}"), _percent(before), _percent(after), weaker)


def _kinds(old: RedactionProfile, new: RedactionProfile) -> Iterator[Difference]:
    yield from _members("redaction_entities", old.entities, new.entities, finding_name)


def _languages(old: RedactionProfile, new: RedactionProfile) -> Iterator[Difference]:
    yield from _members(
        "redaction_languages", old.languages, new.languages, lambda code: str(LANGUAGES[code])
    )


def _members(field: str, old: Iterable[str], new: Iterable[str], called: Any) -> Iterator[Difference]:
    """A line for each that went and each that came; their order says nothing."""
    for each in old:
        if each not in new:
            yield Difference(_word(field), called(each), _("no longer"), weaker=True)
    for each in new:
        if each not in old:
            yield Difference(_word(field), "–", called(each))


def _fill(old: RedactionProfile, new: RedactionProfile) -> Iterator[Difference]:
    weaker = new.fill.weak and not old.fill.weak
    yield Difference(_word("redaction_fill"), str(FILLS[old.fill]), str(FILLS[new.fill]), weaker)


def _templates(old: RedactionProfile, new: RedactionProfile) -> Iterator[Difference]:
    earlier, later = ({each.name: each for each in profile.templates} for profile in (old, new))
    name = _word("redaction_templates")
    for called, template in earlier.items():
        if called not in later:
            yield Difference(name, _drawn(template), _("no longer"), weaker=True)
        elif template != later[called]:
            anew = _("drawn anew: %(template)s") % {"template": _drawn(later[called])}
            yield Difference(name, _drawn(template), anew, weaker=not _covers(later[called], template))
    for called, template in later.items():
        if called not in earlier:
            yield Difference(name, "–", _drawn(template))
    if list(earlier) != list(later) and set(earlier) == set(later):
        yield Difference(name, ", ".join(earlier), ", ".join(later))


def _drawn(template: FormTemplate) -> str:
    count = len(template.fields)
    fields = ngettext("%(count)d field", "%(count)d fields", count) % {"count": count}
    return f"{template.name} ({fields})"


def _covers(later: FormTemplate, earlier: FormTemplate) -> bool:
    """Whether each field of the earlier one lies in one of the later one, as shares of the form's sides."""
    new = [_shares(field.place, later) for field in later.fields]
    for field in earlier.fields:
        left, top, right, bottom = _shares(field.place, earlier)
        if not any(
            one[0] <= left + SLACK
            and one[1] <= top + SLACK
            and one[2] >= right - SLACK
            and one[3] >= bottom - SLACK
            for one in new
        ):
            return False
    return True


def _shares(box: Area, form: FormTemplate) -> tuple[float, float, float, float]:
    return box.left / form.width, box.top / form.height, box.right / form.width, box.bottom / form.height


def _rest(old: PolicySpec, new: PolicySpec) -> Iterator[Difference]:
    """What is not redaction: what is asked, taken, looked at and kept."""
    before, after = _fields(old), _fields(new)
    for name in after:
        yield from _plain(name, before[name], after[name])


def _fields(spec: PolicySpec) -> dict[str, object]:
    """Each field by its name, those of a part by the part's too, and those that came later."""
    found: dict[str, object] = {}
    written = spec.model_dump(mode="json")
    for name in PolicySpec.model_fields:
        value = getattr(spec, name)
        if name == "redaction":
            continue
        if isinstance(value, BaseModel):
            found |= {f"{name}_{part}": getattr(value, part) for part in type(value).model_fields}
        else:
            found[name] = written.get(name, value)
    return found


_SHARES = {
    "abstain_below",
    "review_below_confidence",
    "review_sample_rate",
    "review_badly_read",
    "review_redaction_rate",
    "deep_share",
}


def _plain(name: str, before: object, after: object) -> Iterator[Difference]:
    if before == after:
        return
    if name == "labels":
        yield from _labels(before, after)
    elif name in _SHARES:
        one, other = (
            _percent(share) if isinstance(share, int) else _said(share) for share in (before, after)
        )
        yield Difference(_word(name), one, other)
    else:
        yield _difference(name, before, after)


def _labels(before: Any, after: Any) -> Iterator[Difference]:
    earlier, later = ({label["key"]: label for label in labels} for labels in (before, after))
    for key in [*earlier, *(key for key in later if key not in earlier)]:
        if earlier.get(key) != later.get(key):
            yield Difference(_word("labels"), _label(earlier.get(key)), _label(later.get(key)))


def _label(label: dict[str, str] | None) -> str:
    return (
        f"{label['name_en']} / {label['name_ja']} ({label['phrase']}, {label['severity']})" if label else "–"
    )


def _difference(name: str, before: object, after: object, *, weaker: bool = False) -> Difference:
    return Difference(_word(name), _said(before), _said(after), weaker)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Truncator(text).chars(200)


def _word(name: str) -> str:
    return str(FIELDS.get(name, name))


def _percent(millionths: int) -> str:
    return f"{millionths * 100 / MILLION:g} %"
