"""What an explanation says in words: what was compared, whether it adds up, and how far its trials "
"bear it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from omnigov.contracts import (
    MILLION,
    AttributionResult,
    Counterfactual,
    DeepAttribution,
    InferenceResult,
    OrderCurve,
    PolicySpec,
    Without,
)
from omnigov.templatetags.omnigov import label_of, percent

OF_HEAD = "/head"
"""How the method of an explanation ends whose score is a head's."""
SPACE = "space"
"""The role of the file that makes nearness a part of a score."""
WORDS = 3
"""Words that a sentence names on each side."""
STABLE, SHAKY = 800_000, 500_000
"""Rank correlations, in millionths, from which an order of parts is called steady, and below which "
"it is not."""


@dataclass(frozen=True)
class Said:
    """A sentence, and whether it warns of something."""

    text: str
    warns: bool = False


def explanation_said(
    why: AttributionResult, spec: PolicySpec, inference: InferenceResult | None = None
) -> list[Said]:
    """Of an explanation by itself; nothing of what was not asked when an old one was made."""
    said = list(_explanation(why, spec))
    by_head = inference and any(voice.who == "head" and voice.decided for voice in inference.voices)
    if by_head and not why.method.endswith(OF_HEAD):
        text = _(
            "A head fitted to examples of this policy decided. What is explained here is the base model's "
            "own score of that label, and not the head's."
        )
        said.insert(0, Said(text, warns=True))
    return said


def scores_said(inference: InferenceResult, spec: PolicySpec) -> list[Said]:
    """How the scores came about, and whether the answer holds when the labels are named in another order."""
    said = []
    if inference.scores[0].joined is not None:
        text = _(
            "A label's score has two parts: how much likelier its words are than usual, and how near "
            "picture and label lie in the model's shared space of pictures and words."
        )
        said.append(Said(text))
    elif any(file.role == SPACE for file in inference.model.files):
        picture = not inference.seen  # of one that is given whole no place is named
        text = (
            _(
                "Nearness had no part in these scores: the model learned with these very labels, and tells "
                "them apart by how likely their words are, alone."
            )
            if picture
            else _(
                "Nearness had no part in these scores: it is only asked of a single picture. The labels were "
                "scored by how likely their words are, alone."
            )
        )
        said.append(Said(text))
    if other := inference.other_order:
        own = next((voice.label for voice in inference.voices if voice.who == "model"), inference.label)
        told = {"label": label_of(spec, other.label), "change": percent(other.change)}
        if other.label == own:
            text = _(
                "The model was asked again with the labels in the opposite order. Its answer stayed; no "
                "probability changed by more than %(change)s."
            )
        else:
            text = _(
                "The model was asked again with the labels in the opposite order, and then answered "
                "“%(label)s”. Its answer depends on the order: look at it with care."
            )
        said.append(Said(text % told, warns=other.label != own))
    return said


def _explanation(why: AttributionResult, spec: PolicySpec) -> Iterator[Said]:
    if why.against:
        text = _("Explained is why “%(label)s” scored higher than “%(other)s”, the next label.")
        yield Said(text % {"label": label_of(spec, why.label), "other": label_of(spec, why.against)})
    if why.complete:
        yield Said(_("Complete: the parts add up to the change of the score, to within 2 %."))
    elif why.complete is False:
        missing = percent(round(MILLION * why.completeness_gap / abs(why.total))) if why.total else "100 %"
        text = _(
            "Not complete: %(missing)s of the change of the score is in no part. Take single values as rough."
        )
        yield Said(text % {"missing": missing}, warns=True)
    if why.modalities:
        yield Said(
            _(
                "The shares of question and file are exact: the score was asked with each of them "
                "present and "
                "blank, in every combination."
            )
        )
    if why.hidden:
        said = {"credit": percent(why.hidden.credit), "noise": percent(why.hidden.noise)}
        if why.hidden.beyond:
            text = _(
                "What redaction hid counts for %(credit)s of the file's part; up to %(noise)s would "
                "be noise. "
                "The decision may rest on the marks of redaction: look at it with care."
            )
            yield Said(text % said, warns=True)
        else:
            text = _(
                "What redaction hid counts for %(credit)s of the file's part, which is no more than noise."
            )
            yield Said(text % said)
    if why.grid or any(segment.grid for segment in why.segments):
        yield Said(
            _(
                "An area stands for more than its own pixels: the model looks at each area together "
                "with what "
                "is around it."
            )
        )


def words_said(why: AttributionResult) -> str:
    """Which words of the question spoke most for the label, and which against it, as a sentence."""
    strongest = sorted(why.tokens, key=lambda token: -abs(token.value))
    speaks = [token.text.strip() for token in strongest if token.value > 0 and token.text.strip()][:WORDS]
    against = [token.text.strip() for token in strongest if token.value < 0 and token.text.strip()][:WORDS]
    said = []
    if speaks:
        said.append(_("Of the question's words these spoke most for the label: %(words)s.") % _quoted(speaks))
    if against:
        said.append(_("These spoke most against it: %(words)s.") % _quoted(against))
    return " ".join(said)


def _quoted(words: list[str]) -> dict[str, str]:
    return {"words": ", ".join(f"“{word}”" for word in words)}


def trials_said(found: DeepAttribution, spec: PolicySpec) -> list[Said]:
    """Of the trials of a thorough explanation."""
    return list(_trials(found, spec))


def _trials(found: DeepAttribution, spec: PolicySpec) -> Iterator[Said]:
    for curve in found.curves:
        yield _curve(curve)
    if found.stability is not None:
        said = {"share": f"{found.stability / MILLION:.2f}", "times": len(found.seeds)}
        if found.stability >= STABLE:
            text = _(
                "Computed %(times)s more times under a little noise, the order of the parts stays "
                "(%(share)s of 1)."
            )
        elif found.stability >= SHAKY:
            text = _(
                "Computed %(times)s more times under a little noise, the order of the parts changes somewhat "
                "(%(share)s of 1)."
            )
        else:
            text = _(
                "Computed %(times)s more times under a little noise, the order of the parts does not hold "
                "(%(share)s of 1)."
            )
        yield Said(text % said, warns=found.stability < SHAKY)
    if found.counterfactual:
        yield _without_strongest(found.counterfactual, found, spec)
    if found.without_hidden:
        yield _without_hidden(found.without_hidden, found, spec)
    for each in found.without:
        yield _without(each, found, spec)


def _curve(curve: OrderCurve) -> Said:
    said = {"named": percent(curve.named), "random": percent(curve.at_random), "times": len(curve.random)}
    if curve.name == "deletion":
        text = _(
            "Taking parts away, the strongest first, leaves the label a probability of %(named)s on average; "
            "in a random order %(random)s (%(times)s tried)."
        )
    else:
        text = _(
            "Putting parts in, the strongest first, gives the label a probability of %(named)s on average; "
            "in a random order %(random)s (%(times)s tried)."
        )
    if curve.holds:
        return Said(text % said)
    return Said(f"{text % said} {_('So the order of the parts is no better than chance here.')}", warns=True)


def _without_strongest(one: Counterfactual, found: DeepAttribution, spec: PolicySpec) -> Said:
    count, label = len(one.removed), found.attribution.label
    said = {
        "count": count,
        "share": percent(one.removed_share),
        "label": label_of(spec, one.label),
        "probability": percent(one.probability),
        "before": percent(found.probability),
    }
    if one.label != label:
        text = ngettext(
            "Really asked again: without its %(count)s strongest part (%(share)s of all parts) the "
            "label is “%(label)s”.",
            "Really asked again: without its %(count)s strongest parts (%(share)s of all parts) the label is "
            "“%(label)s”.",
            count,
        )
        return Said(text % said)
    text = ngettext(
        "Really asked again: even without its %(count)s strongest part (%(share)s of all parts) the "
        "label stays "
        "“%(label)s”, at %(probability)s instead of %(before)s.",
        "Really asked again: even without its %(count)s strongest parts (%(share)s of all parts) the label "
        "stays “%(label)s”, at %(probability)s instead of %(before)s.",
        count,
    )
    return Said(text % said)


WITHOUT = {
    "pictures": _lazy("the pictures"),
    "sound": _lazy("the sound"),
    "text": _lazy("the words"),
    "frame": _lazy("the picture that spoke the most"),
    "second": _lazy("the second that spoke the most"),
}


def _without(one: Without, found: DeepAttribution, spec: PolicySpec) -> Said:
    said = {
        "what": WITHOUT[one.what],
        "label": label_of(spec, one.label),
        "probability": percent(one.probability),
        "before": percent(found.probability),
    }
    if one.label != found.attribution.label:
        text = _("Really asked again: without %(what)s the label is “%(label)s”. The decision rests on it.")
    else:
        text = _(
            "Really asked again: without %(what)s the label stays “%(label)s”, at %(probability)s instead of "
            "%(before)s."
        )
    return Said(text % said)


def _without_hidden(one: Counterfactual, found: DeepAttribution, spec: PolicySpec) -> Said:
    said = {
        "label": label_of(spec, one.label),
        "probability": percent(one.probability),
        "before": percent(found.probability),
    }
    if one.label != found.attribution.label:
        text = _(
            "Really asked again: with the marks of redaction blank too, the label is “%(label)s”. "
            "The decision "
            "rests on them."
        )
        return Said(text % said, warns=True)
    text = _(
        "Really asked again: with the marks of redaction blank too, the label stays “%(label)s”, at "
        "%(probability)s instead of %(before)s."
    )
    return Said(text % said)
