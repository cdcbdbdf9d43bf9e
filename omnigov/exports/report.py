"""The decision report: what a lawyer reads. Each sentence says which field of which entry it is made from."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer

from omnigov.accounts.models import User
from omnigov.contracts import Interval, RedactionResult, Track, VideoCopy
from omnigov.decisions.models import Decision, DeepExplanation
from omnigov.decisions.outcome import outcome_of
from omnigov.decisions.together import decided_with
from omnigov.keys import keyring
from omnigov.ledger.export import ndjson_line
from omnigov.policies.models import Measurement, PolicyVersion
from omnigov.review.displayed_words import displayed_in_words, part_in_words
from omnigov.review.explained import Said, explanation_said, trials_said
from omnigov.review.heard import covered
from omnigov.review.models import Correction, Review
from omnigov.templatetags.omnigov import (
    clock,
    confidence_kind,
    finding_name,
    label_name,
    measured_sentence,
    milliseconds,
    percent,
    question_read,
    rule_sentence,
    stage_name,
)

_SILENCES = 40
"""Silent stretches of a recording that are told one by one."""

#: A report of more would be read by nobody, and is held in memory.
MOST = 200
LANGUAGES = ("en", "ja")
_NAME = "report.ndjson"
_CORRECTIONS = ("redaction_corrected", "quarantine_released")


@dataclass(frozen=True)
class Sentence:
    """What is said, and by which fields of which entry it can be checked. `words` are quoted, as written."""

    text: str
    check: str
    words: str = ""


@dataclass(frozen=True)
class Section:
    """One decision and what people said of it."""

    title: str
    sentences: list[Sentence]


@dataclass
class _Case:
    index: int
    entry: dict[str, Any]
    reviews: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    made_by: tuple[int, dict[str, Any]] | None = None
    replaced_by: tuple[int, dict[str, Any]] | None = None
    deep: tuple[int, dict[str, Any]] | None = None


class Report:
    """Writes `report.html` and `report.pdf` for up to MOST decisions; for more, neither.

    `full` names officers and quotes what the model and they wrote; without it people are ids.
    """

    def __init__(self, language: str, *, full: bool) -> None:
        self._language = language
        self._full = full

    def segment(self, folder: Path) -> _Segment:
        return _Segment(folder)

    def members(self, folders: Sequence[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
        cases = _cases(folders)
        if not cases:
            return
        with translation.override(self._language):
            sections = [_section(case, full=self._full) for case in cases]
            how = _how_to_check()
            html = render_to_string(
                "exports/report.html",
                {"title": _("Decision report"), "how": how, "sections": sections, "language": self._language},
            )
            pdf = _pdf(_("Decision report"), how, sections)
        yield "report.html", [html.encode()]
        yield "report.pdf", [pdf]


class _Segment:
    """Keeps the entries that a report is made of, and no more decisions than one takes."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / _NAME).open("wb")
        self._decisions = 0

    def add(self, index: int, entry: dict[str, Any], body: bytes) -> None:
        kinds = ("decision", "deep_attribution", "review", "verdict_taken_back", *_CORRECTIONS)
        if entry["kind"] not in kinds:
            return
        self._decisions += entry["kind"] == "decision"
        if self._decisions <= MOST + 1:
            self._file.write(ndjson_line(index, body))

    def close(self) -> None:
        self._file.close()


def _cases(folders: Sequence[Path]) -> list[_Case]:
    """The decisions with their verdicts; none where they are more than a report takes."""
    cases: dict[str, _Case] = {}
    made_by: dict[str, tuple[int, dict[str, Any]]] = {}
    for folder in folders:
        with (folder / _NAME).open("rb") as lines:
            for line in lines:
                found = json.loads(line)
                entry = found["entry"]
                if entry["kind"] == "decision":
                    cases[entry["subject"]] = _Case(
                        found["index"], entry, made_by=made_by.get(entry["subject"])
                    )
                    if len(cases) > MOST:
                        return []
                elif entry["kind"] in _CORRECTIONS:
                    made_by[entry["subject"]] = (found["index"], entry)
                    if entry["record"]["parent"] in cases:
                        cases[entry["record"]["parent"]].replaced_by = (found["index"], entry)
                elif entry["kind"] == "deep_attribution":
                    if entry["subject"] in cases:
                        cases[entry["subject"]].deep = (found["index"], entry)
                elif entry["subject"] in cases:
                    cases[entry["subject"]].reviews.append((found["index"], entry))
    return list(cases.values())


# --- what is said --------------------------------------------------------------------------------------


def _how_to_check() -> list[str]:
    return [
        _(
            "This report is part of a provenance bundle and is covered by its signature. Under each sentence "
            "stands the ledger entry, and the fields of it, that the sentence is made from."
        ),
        _(
            "To check it: verify the bundle with “omnigov_verify.py” and the log's key from a source that you"
            " trust. Then look up the entry in “entries.ndjson” by its number, and compare the fields. Where "
            "“evidence” is named, the words are in “evidence.ndjson”, and the entry commits to them."
        ),
        _(
            "The report says what was decided and how. It does not say whether that was right, fair or "
            "lawful."
        ),
    ]


def _section(case: _Case, *, full: bool) -> Section:
    entry, record = case.entry, case.entry["record"]
    decision = Decision.objects.filter(entry=UUID(entry["id"])).select_related("run").first()
    # The keys go first in an erasure: without them nothing is quoted, even if the rows still have it.
    full = full and decision is not None and keyring().has_asset(decision.run.asset_id)
    # Several versions may say the same and differ in the model that they ask.
    versions = PolicyVersion.objects.filter(digest=record["policy"]).select_related("policy")
    version = versions.filter(runs__decision=decision).first() if decision else versions.first()
    here = _("entry %(index)s") % {"index": case.index}
    sentences = [
        _decided(entry, version, here),
        _measured(record, here),
        _asked(record, version, here),
        *_hidden(record, decision, here, full=full),
        *_beside(record, decision, here, full=full),
        *(_corrected(*each, full=full) for each in (case.made_by, case.replaced_by) if each),
        _rests(record, here),
        *(_explained(decision, version, here) if full else ()),
        *(_thorough(case.deep, decision, version, full=full) if case.deep else ()),
        *(_words(decision, here) if full else ()),
        _called(record, here),
    ]
    reviews = {
        str(each.entry): each
        for each in Review.objects.filter(entry__in=[UUID(each["id"]) for _index, each in case.reviews])
    }
    for index, each in case.reviews:
        if each["kind"] == "verdict_taken_back":
            sentences.append(_taken_back(index, each, full=full))
        else:
            sentences.append(_reviewed(index, each, version, reviews.get(each["id"]), full=full))
    if case.reviews:
        sentences.append(_outcome(case, version))
    else:
        sentences.append(
            Sentence(
                _("No verdict of a person on this decision is in this bundle."),
                _("no entry of the kind “review” about the run %(run)s") % {"run": entry["subject"]},
            )
        )
    return Section(_("Decision, entry %(index)s") % {"index": case.index}, sentences)


def _decided(entry: dict[str, Any], version: PolicyVersion | None, here: str) -> Sentence:
    record = entry["record"]
    said = {
        "at": _moment(entry["at"]),
        "model": record["model"]["name"],
        "stage": stage_name(record["stage"]),
        "label": _label(version, record["label"]),
        "share": percent(record["confidence"]),
        "kind": confidence_kind(record["confidence_kind"]),
    }
    if record["abstained"]:
        text = _(
            "On %(at)s the model %(model)s (%(stage)s) abstained: its likeliest label, “%(label)s”, had a "
            "confidence of %(share)s (%(kind)s), below what the policy asks for."
        )
    else:
        text = _(
            "On %(at)s the model %(model)s (%(stage)s), a machine, decided “%(label)s” with a confidence of "
            "%(share)s (%(kind)s)."
        )
    return Sentence(text % said, f"{here}: at, record.model, record.label, record.confidence, record.scores")


def _measured(record: dict[str, Any], here: str) -> Sentence:
    """How often such decisions are right, as it was measured; or that it is not measured."""
    digest = record.get("measurement")
    if not digest:
        text = _(
            "Not measured: nobody had measured how often the model is right under this policy, and every "
            "such decision waits for a person."
        )
        return Sentence(text, f"{here}: record.measurement")
    found = Measurement.objects.filter(digest=digest).first()
    if found is None:
        text = _("How often the model is right under this policy was measured (%(digest)s).") % {
            "digest": digest
        }
        return Sentence(text, f"{here}: record.measurement")
    # Twice the same figures where the same was measured twice: any of them says it.
    text = _("How often the model is right under this policy was measured before.")
    check = _("%(here)s: record.measurement; entry %(entry)s of the kind “evaluated”") % {
        "here": here,
        "entry": found.entry,
    }
    return Sentence(text, check, measured_sentence(found))


def _asked(record: dict[str, Any], version: PolicyVersion | None, here: str) -> Sentence:
    if version is None:
        text = _("It was asked under the policy version with the digest %(digest)s.") % {
            "digest": record["policy"]
        }
        return Sentence(text, f"{here}: record.policy")
    text = _("It was asked under version %(number)s of the policy “%(policy)s”. The question was:") % {
        "number": version.number,
        "policy": version.policy.name_ja if translation.get_language() == "ja" else version.policy.name_en,
    }
    asked = version.spec.question
    read = question_read(asked)
    words = asked if read == asked else f"{read} ({asked})"
    return Sentence(text, f"{here}: record.policy ({record['policy']})", words)


def _hidden(
    record: dict[str, Any], decision: Decision | None, here: str, *, full: bool
) -> Iterator[Sentence]:
    number = record["findings_count"]
    text = ngettext(
        "Before the model saw the file, %(number)s place in it was hidden. The model saw the redacted "
        "copy and nothing else.",
        "Before the model saw the file, %(number)s places in it were hidden. The model saw the redacted "
        "copy and nothing else.",
        number,
    ) % {"number": number}
    fields = "record.findings_count, record.redacted, record.redaction_revision"
    result = decision.run.redaction_result if decision and full else None
    named = _kinds_named(result) if result else ""
    yield Sentence(text, f"{here}: {fields}" + (_(", evidence: findings") if named else ""), named)
    if result and result.video:
        yield _watched(result, result.video, here)
    elif result and result.sound and result.findings:
        yield _silent(result, here)


def _beside(
    record: dict[str, Any], decision: Decision | None, here: str, *, full: bool
) -> Iterator[Sentence]:
    """The pictures that a recording was decided together with, each with what was hidden in it."""
    pictures = record.get("beside", ())
    if not pictures:
        return
    text = ngettext(
        "%(number)s picture was handed in with the recording. Both were decided together, as one report.",
        "%(number)s pictures were handed in with the recording. All were decided together, as one report.",
        len(pictures),
    ) % {"number": len(pictures)}
    yield Sentence(text, f"{here}: record.beside, record.beside_copies")
    runs = {str(each.id): each for each in decided_with(decision.run)} if decision and full else {}
    for number, picture in enumerate(pictures, 1):
        hidden = picture["findings_count"]
        text = ngettext(
            "In picture %(picture)s, %(number)s place was hidden before the model saw it.",
            "In picture %(picture)s, %(number)s places were hidden before the model saw it.",
            hidden,
        ) % {"picture": number, "number": hidden}
        run = runs.get(picture["run"])
        result = run.redaction_result if run else None
        named = _kinds_named(result) if result else ""
        check = f"{here}: record.beside" + (_(", evidence: beside_copies") if named else "")
        yield Sentence(text, check, named)


def _kinds_named(result: RedactionResult) -> str:
    """What was hidden, by its kind and how often."""
    kinds = Counter(finding.kind for finding in result.findings)
    return "; ".join(f"{finding_name(kind)}: {count}" for kind, count in sorted(kinds.items()))


def _silent(result: RedactionResult, here: str) -> Sentence:
    """Of a recording: when it is silent, and for how long in all."""
    hidden = [each for each in result.findings if isinstance(each.place, Interval)]
    places = [each.place for each in hidden if isinstance(each.place, Interval)]
    text = _("It is a recording of %(length)s, of which %(silent)s are silent.") % {
        "length": clock(result.sound.milliseconds if result.sound else 0),
        "silent": milliseconds(covered(places)),
    }
    named = [
        f"{finding_name(each.kind)}: {clock(place.start)} – {clock(place.end)}"
        for each, place in zip(hidden[:_SILENCES], places, strict=False)
    ]
    if len(hidden) > _SILENCES:
        named.append(_("and %(number)s more stretches") % {"number": len(hidden) - _SILENCES})
    return Sentence(text, f"{here}: record.findings" + _(", evidence: findings"), "; ".join(named))


def _watched(result: RedactionResult, told: VideoCopy, here: str) -> Sentence:
    """Of a video: what is hidden in its picture and when, and when it is silent."""
    seen = [(each, each.place.interval) for each in result.findings if isinstance(each.place, Track)]
    heard = [(each, each.place) for each in result.findings if isinstance(each.place, Interval)]
    said = {
        "length": clock(told.milliseconds),
        "frames": told.frames,
        "shots": told.shots,
        "tracks": len(seen),
        "covered": told.covered_frames,
        "silent": milliseconds(covered([place for _, place in heard])),
    }
    text = _(
        "It is a video of %(length)s, with %(frames)s pictures in %(shots)s shots. In its picture %(tracks)s "
        "things are followed and hidden, in %(covered)s pictures in all."
    )
    if result.sound:
        text += " " + _("In its sound %(silent)s are silent.")
    else:
        text += " " + _("It has no sound.")
    listed = [*seen, *heard]
    named = [
        f"{finding_name(each.kind)}: {clock(place.start)} – {clock(place.end)}"
        for each, place in listed[:_SILENCES]
    ]
    if len(listed) > _SILENCES:
        named.append(_("and %(number)s more of them") % {"number": len(listed) - _SILENCES})
    return Sentence(text % said, f"{here}: record.findings" + _(", evidence: findings"), "; ".join(named))


def _corrected(index: int, entry: dict[str, Any], *, full: bool) -> Sentence:
    """Of a run that a person's regions made: told where it is decided, and where its parent is."""
    record = entry["record"]
    officer = User.objects.filter(pk=record["by"]).first() if full else None
    said = {
        "at": _moment(entry["at"]),
        "who": officer.username if officer else record["by"],
        "run": entry["subject"],
        "before": record["parent"],
    }
    here = _("entry %(index)s") % {"index": index}
    if entry["kind"] == "redaction_corrected":
        said |= {"added": record["added"], "removed": record["removed"]}
        text = _(
            "On %(at)s the officer %(who)s corrected what was hidden: %(added)s regions were added and "
            "%(removed)s taken away. The run %(run)s was made in place of the run %(before)s."
        )
        check = f"{here}: at, subject, record.by, record.parent, record.added, record.removed"
    elif record["mode"] == "by_hand":
        said |= {"regions": record["regions"]}
        text = _(
            "On %(at)s the officer %(who)s let the file out of quarantine and redacted it by hand: "
            "%(regions)s regions were drawn. The run %(run)s was made in place of the run %(before)s."
        )
        check = f"{here}: at, subject, record.by, record.parent, record.mode, record.regions"
    else:
        text = _(
            "On %(at)s the officer %(who)s let the file out of quarantine, because nothing personal was "
            "visible in it. The run %(run)s was made in place of the run %(before)s."
        )
        check = f"{here}: at, subject, record.by, record.parent, record.mode"
    found = Correction.objects.filter(entry=UUID(entry["id"])).first() if full else None
    reason = found.reason if found else ""
    return Sentence(text % said, check + (_(", evidence: reason") if reason else ""), reason)


def _rests(record: dict[str, Any], here: str) -> Sentence:
    if record["attribution_method"]:
        text = _(
            "What the decision rests on was computed by the method “%(method)s”. It shows which parts of the "
            "file and of the question moved the score; it is no reason in words."
        ) % {"method": record["attribution_method"]}
        return Sentence(text, f"{here}: record.attribution, record.attribution_method")
    text = _("What the decision rests on is not known: the explanation failed.")
    return Sentence(text, f"{here}: record.attribution_missing")


def _explained(decision: Decision | None, version: PolicyVersion | None, here: str) -> Iterator[Sentence]:
    """What the explanation says of itself; it is committed to by its digest."""
    attribution = getattr(decision, "attribution", None)
    why = attribution.record if attribution else None
    if decision and why and version:
        asked = decision.run.inference_result
        yield from _as_sentences(explanation_said(why, version.spec, asked), f"{here}: record.attribution")


def _thorough(
    deep: tuple[int, dict[str, Any]],
    decision: Decision | None,
    version: PolicyVersion | None,
    *,
    full: bool,
) -> Iterator[Sentence]:
    index, entry = deep
    record, there = entry["record"], _("entry %(index)s") % {"index": index}
    if record["attribution_missing"]:
        text = _("A thorough explanation was tried and failed.")
        yield Sentence(text, f"{there}: record.attribution_missing")
        return
    if record["complete"]:
        text = _("A thorough explanation was computed too. Its parts add up to the change of the score.")
    else:
        text = _(
            "A thorough explanation was computed too. Its parts don't add up to the change of the score."
        )
    yield Sentence(text, f"{there}: record.complete")
    found = DeepExplanation.objects.filter(entry=UUID(entry["id"])).first() if full and decision else None
    if found and found.record and version:
        check = f"{there}: record.attribution" + _(", evidence: attribution")
        yield from _as_sentences(trials_said(found.record, version.spec), check)


def _as_sentences(said: Iterable[Said], check: str) -> Iterator[Sentence]:
    return (Sentence(each.text, check) for each in said)


def _words(decision: Decision | None, here: str) -> Iterator[Sentence]:
    result = decision.run.inference_result if decision else None
    if result and result.reasons:
        text = _("After the label was chosen the model wrote this. It may be wrong.")
        yield Sentence(text, f"{here}: record.reasons" + _(", evidence: reasons"), " ".join(result.reasons))


def _called(record: dict[str, Any], here: str) -> Sentence:
    rules = record["review_rules"]
    if not rules:
        return Sentence(_("No rule of the policy asked for a person."), f"{here}: record.review_rules")
    text = _("The policy asked for a person, because:")
    return Sentence(
        text, f"{here}: record.review_rules", "; ".join(str(rule_sentence(rule)) for rule in rules)
    )


def _outcome(case: _Case, version: PolicyVersion | None) -> Sentence:
    """What the decision says after the verdicts that are in this bundle."""
    record = case.entry["record"]
    verdicts = [entry["record"] for _index, entry in case.reviews]
    if "outcome" in verdicts[-1]:
        outcome = verdicts[-1]["outcome"] or ""
    else:  # the first version of a verdict's entry named none
        outcome = outcome_of(
            record["label"],
            abstained=record["abstained"],
            verdicts=[(each["verdict"], each["right_label"]) for each in verdicts],
        )
    said = {"label": _label(version, outcome), "model": _label(version, record["label"])}
    if not outcome:
        text = _("The decision has no outcome: the model abstained, and no verdict in this bundle decides.")
    elif outcome != record["label"]:
        text = _(
            "The outcome, after the verdicts in this bundle, is “%(label)s”. The model had answered "
            "“%(model)s”."
        )
    else:
        text = _("The outcome, after the verdicts in this bundle, is “%(label)s”, the model's own answer.")
    indexes = [str(index) for index, _entry in case.reviews]
    where = _("entries %(entries)s") % {"entries": ", ".join(indexes)}
    if len(indexes) == 1:
        where = _("entry %(index)s") % {"index": indexes[0]}
    return Sentence(text % said, f"{where}: record.verdict, record.right_label")


def _reviewed(
    index: int, entry: dict[str, Any], version: PolicyVersion | None, review: Review | None, *, full: bool
) -> Sentence:
    record = entry["record"]
    officer = User.objects.filter(pk=record["reviewer"]).first() if full else None
    said = {
        "at": _moment(entry["at"]),
        "who": officer.username if officer else record["reviewer"],
        "label": _label(version, record["right_label"]) if record["right_label"] else "",
    }
    text = {
        "uphold": _("On %(at)s the officer %(who)s upheld the decision."),
        "overturn": _("On %(at)s the officer %(who)s overturned the decision: “%(label)s” is right."),
        "escalate": _("On %(at)s the officer %(who)s passed it on to another officer."),
    }[record["verdict"]] % said
    told, fields = _told_of_page(entry, review if full else None)
    here = _("entry %(index)s") % {"index": index}
    reason = review.reason if review and full else ""
    check = f"{here}: at, record.reviewer, record.verdict, record.right_label, {fields}"
    return Sentence(f"{text} {told}", check + (_(", evidence: reason") if reason else ""), reason)


def _taken_back(index: int, entry: dict[str, Any], *, full: bool) -> Sentence:
    officer = User.objects.filter(pk=entry["record"]["by"]).first() if full else None
    said = {"at": _moment(entry["at"]), "who": officer.username if officer else entry["record"]["by"]}
    text = (
        _("On %(at)s the officer %(who)s took back the verdict given just before: it does not count.") % said
    )
    here = _("entry %(index)s") % {"index": index}
    return Sentence(text, f"{here}: at, record.by, record.review")


def _told_of_page(entry: dict[str, Any], review: Review | None = None) -> tuple[str, str]:
    """What the entry can mean about the page that the verdict was given on, and the fields that say so.

    `review` is the verdict's row, where the bundle opens what its entry commits to.
    """
    record = entry["record"]
    if entry["schema"] == 1:
        # Written as a constant by the product: it names what such pages held, and measures nothing.
        said = {"parts": ", ".join(part_in_words(code) for code in record["shown"])}
        text = _(
            "Pages of decisions had in them then: %(parts)s. What of it was displayed or looked at is not "
            "on the record."
        )
        return text % said, "record.shown"
    if not record["served"]:
        return _("No page of the product was served for this verdict."), "record.served"
    said = {"parts": ", ".join(part_in_words(code) for code in record["served"])}
    if record["displayed"] is None:
        text = _(
            "The page that was served to them had in it: %(parts)s. What of it was displayed was not "
            "measured."
        )
        return text % said, "record.served, record.displayed"
    text = _(
        "The page that was served to them had in it: %(parts)s. The entry commits to what the page "
        "measured to have been displayed."
    )
    if review is None or review.displayed is None:
        return text % said, "record.served, record.displayed"
    measured = displayed_in_words(review.displayed)
    where = _("record.served, record.displayed, evidence: displayed")
    return f"{text % said} {measured}", where


def _label(version: PolicyVersion | None, key: str) -> str:
    label = next((each for each in version.spec.labels if each.key == key), None) if version else None
    return str(label_name(label)) if label else key


def _moment(at: str) -> str:
    return f"{at[:10]} {at[11:19]} UTC"


# --- PDF -----------------------------------------------------------------------------------------------

FONT = "IPAexGothic"
_STRAIGHT = str.maketrans("“”", '""')
_DARK, _PALE = HexColor("#333333"), HexColor("#666666")


def _pdf(title: str, how: list[str], sections: list[Section]) -> bytes:
    """The same text as a PDF with its font in it, so that it is read alike in thirty years."""
    _register_font()
    head = ParagraphStyle("head", fontName=FONT, fontSize=16, leading=22, spaceAfter=3 * mm)
    part = ParagraphStyle("part", fontName=FONT, fontSize=11.5, leading=16, spaceBefore=5 * mm)
    text = ParagraphStyle("text", fontName=FONT, fontSize=9.5, leading=14, spaceBefore=2 * mm, wordWrap="CJK")
    quote = ParagraphStyle("quote", parent=text, leftIndent=6 * mm, spaceBefore=1 * mm, textColor=_DARK)
    check = ParagraphStyle("check", parent=text, fontSize=7.5, leading=10, spaceBefore=0, textColor=_PALE)
    english = translation.get_language() == "en"

    def set_in(said: str, style: ParagraphStyle) -> Paragraph:
        # The font's curly quotation marks are as wide as its Japanese signs.
        plain = said.translate(_STRAIGHT) if english else said
        return Paragraph(escape(plain), style)

    flow: list[Any] = [set_in(title, head), *(set_in(each, text) for each in how)]
    for section in sections:
        flow += [Spacer(1, 2 * mm), set_in(section.title, part)]
        for sentence in section.sentences:
            lines = [set_in(sentence.text, text)]
            if sentence.words:
                lines.append(set_in(sentence.words, quote))
            flow.append(KeepTogether([*lines, set_in(sentence.check, check)]))
    out = io.BytesIO()
    margin = 20 * mm
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=title,
        author="OmniGov",
        invariant=1,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
    )
    document.build(flow)
    return out.getvalue()


def _register_font() -> None:
    """IPAexGothic, from the package that carries it; importing that package would load matplotlib."""
    if FONT in pdfmetrics.getRegisteredFontNames():
        return
    spec = find_spec("matplotlib_fontja")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package matplotlib-fontja is missing: the report's font is in it.")
    pdfmetrics.registerFont(TTFont(FONT, str(Path(spec.origin).parent / "fonts" / "ipaexg.ttf")))
