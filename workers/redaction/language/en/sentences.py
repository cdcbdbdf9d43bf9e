"""Persons whose names are ordinary words (Grace, Peer, Hill), told by where they stand in a sentence.

The tagger takes such a word for a proper noun, or only its capital says so. Who is asked about ("Why is Peer
late?"), spoken to ("Come in, Grace!"), listed among persons or named behind what they do ("the singer Amber
Hill") is a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from workers.redaction.core.spans import Span
from workers.redaction.language import rules
from workers.redaction.language.en import names as english_names

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

KIND = "PERSON"
SCORE = 0.45
LONGEST = 3  # words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = regex.compile(r"\p{Lu}[\p{Ll}’'\-]+(?:\p{Lu}\p{Ll}+)?")
_ASKS = _words("is was did does has had will would can could should isn't wasn't may")
_BEFORE_SUBJECT = _words(
    "that but and when because if while though although than whether since where how why before after"
    " until once so what whom who which"
)
_TOLD = _words(
    "told asked met thanked invited married kissed tell ask meet thank invite remind reminded marry text"
    " texted phoned hugged hired fired sued loves arrested interviewed blamed praised accused forgive"
    " forgave named nicknamed"
)
_OF_A_PERSON = _words("early late young old poor dear little lovely sweet crazy")
_APPOSITION = _words("the a an who whose aged our my his her their your")
# What those are called who do something: singer, actor, pianist, librarian, assistant.
_DOES = regex.compile(
    r"\p{Ll}{2,}(?:er|or|ist|ian|ant|eer|ess|man|woman|wife|husband|chef|coach|nurse|poet|boss)"
)
_NOT_DOES = _words(
    "other either neither rather another number paper letter computer server order under over after"
    " former for or nor newsletter folder browser router center major minor important per offer power"
    " summer winter water floor however"
)
_FUNCTIONS = _words("DT IN PRP PRP$ MD CC TO EX WP WP$ WRB WDT PDT")
_NOBODY = _words(
    "i god sir madam ma'am english internet parliament congress heaven hell everyone everybody nobody"
    " someone somebody anyone anybody all there please yes no ok okay thanks hello hi sorry well however"
    " monday tuesday wednesday thursday friday saturday sunday january february march april june july"
    " august september october november december christmas easter today tomorrow he she it we you they"
    " this that these those what not my your his her our their the a an and customer earth"
)


def find(doc: Doc, named: list[Span]) -> list[Span]:
    """Spans of characters, beside the persons `named` in the same text."""
    hidden = {place for span in named if span.kind == KIND for place in range(span.start, span.end)}
    found: list[Span] = []
    for run in _runs(doc, hidden):
        if _is_person(run, doc):
            found.append(_span(run))
            hidden.update(range(found[-1].start, found[-1].end))
    found += _hyphenated(doc, hidden)
    return [*found, *_beside(doc, hidden)]


def _span(run: list[Token]) -> Span:
    return Span(run[0].idx, run[-1].idx + len(run[-1].text), KIND, SCORE)


def _may_be(token: Token) -> bool:
    return (
        _WORD.fullmatch(token.text) is not None
        and token.lower_ not in _NOBODY
        and token.lower_ not in _ASKS
        and token.tag_ not in _FUNCTIONS
        and not english_names.is_firms_word(token.text)
    )


def _runs(doc: Doc, hidden: set[int]) -> list[list[Token]]:
    """Runs of capitalised words of which none is hidden yet."""
    runs: list[list[Token]] = [[]]
    for token in doc:
        if _may_be(token):
            if runs[-1] and not runs[-1][-1].whitespace_:
                runs.append([])
            runs[-1].append(token)
        elif runs[-1]:
            runs.append([])
    return [
        run for run in runs if run and len(run) <= LONGEST and not any(token.idx in hidden for token in run)
    ]


def _word(doc: Doc, place: int) -> str:
    return doc[place].lower_ if 0 <= place < len(doc) else ""


def _is_person(run: list[Token], doc: Doc) -> bool:
    first, last = run[0].i, run[-1].i
    before, behind = _word(doc, first - 1), _word(doc, last + 1)
    proper = all(token.tag_ in ("NNP", "NNPS") for token in run)
    begins = first == 0 or before in (".", "!", "?", ":", '"', "“", "(")
    verb = _tag(doc, last + 1) if not _tag(doc, last + 1).startswith("RB") else _tag(doc, last + 2)
    if before in _ASKS and (first == 1 or _begins(doc, first - 1)) and len(run) <= 2:
        return behind not in (".", "", ",") and (len(run) > 1 or proper or run[0].tag_.startswith("NN"))
    if before in _TOLD and first > 0 and run[0].tag_.startswith("NN"):
        return True
    if not proper:
        return False
    if before == "," and len(run) > 1 and (behind == "," or verb in ("VBD", "VBZ", "MD")):
        return True
    if begins and verb in ("VBD", "VBZ", "MD") and run[0].ent_type_ in ("", "PERSON", "GPE"):
        return behind not in ("'s", "’s")
    if before == "," and behind in ("!", "?") and len(run) <= 2:
        return True
    if begins and behind == "," and len(run) == 1:
        return _word(doc, last + 2) in (
            *_ASKS,
            "please",
            "i",
            "you",
            "we",
            "are",
            "do",
            "don't",
            "come",
            "let",
            "your",
        )
    if len(run) > 1 and behind == "," and _word(doc, last + 2) in _APPOSITION:
        return True
    if begins:
        return False
    if before in _BEFORE_SUBJECT and verb in ("VBD", "VBZ", "MD"):
        return True
    if before == "to" and _word(doc, first - 3) in ("said", "says"):
        return True
    if before in _OF_A_PERSON:
        return True
    if len(run) > 1 and behind in ("'s", "’s"):
        return True
    return len(run) > 1 and _DOES.fullmatch(before) is not None and before not in _NOT_DOES


def _tag(doc: Doc, place: int) -> str:
    return str(doc[place].tag_) if 0 <= place < len(doc) else ""


def _begins(doc: Doc, place: int) -> bool:
    """Whether a question begins here, or right behind its first word."""
    return any(
        at == 0 or _word(doc, at - 1) in (".", "!", "?", ",", ":", '"', "“")
        for at in ((place, place - 1) if _tag(doc, place - 1).startswith("W") else (place,))
    )


def _beside(doc: Doc, hidden: set[int]) -> list[Span]:
    """A capitalised word of a list whose other members are persons, and one right in front of a name."""
    found = []
    for token in doc:
        if token.idx in hidden or not _may_be(token):
            continue
        before, behind = _word(doc, token.i - 1), _word(doc, token.i + 1)
        after = doc[token.i + 2] if token.i + 2 < len(doc) else None
        ahead = doc[token.i - 2] if token.i > 1 else None
        in_list = (
            before in (":", ",", "and", "&")
            and behind in (",", "and", "&")
            and after is not None
            and after.idx in hidden
        ) or (
            before in (",", "and", "&")
            and behind in (".", "!", "?", ",", "and", "")
            and ahead is not None
            and ahead.idx in hidden
        )
        in_front = (
            token.i > 0
            and before.isalpha()
            and doc[token.i - 1].text.islower()
            and token.whitespace_ != ""
            and token.i + 1 < len(doc)
            and doc[token.i + 1].idx in hidden
        )
        right_behind = (
            token.tag_ in ("NNP", "NNPS")
            and token.i > 0
            and doc[token.i - 1].idx in hidden
            and doc[token.i - 1].whitespace_ == " "
        )
        if in_list or in_front or right_behind:
            found.append(_span([token]))
            hidden.update(range(found[-1].start, found[-1].end))
    return found


def _hyphenated(doc: Doc, hidden: set[int]) -> list[Span]:
    """The rest of a name with a hyphen that the tagger took for three words: Amy-leigh."""
    found = []
    for first, dash, second in zip(doc, doc[1:], doc[2:], strict=False):
        is_one = dash.text == "-" and not first.whitespace_ and not dash.whitespace_
        if is_one and first.idx in hidden and second.tag_ in ("NNP", "NNPS") and second.text.isalpha():
            found.append(Span(first.idx, second.idx + len(second.text), KIND, SCORE))
            hidden.update(range(found[-1].start, found[-1].end))
    return found


_TURN = regex.compile(r"(?P<who>\p{Lu}[\p{Ll}’'\-]+(?: \p{Lu}[\p{L}.’'\-]*)?) ?: +\p{Lu}\S* \S.*[.!?…\"”]")


def speakers(rows: list[str], found: list[list[Span]]) -> list[list[Span]]:
    """For each row who speaks in it, where persons take turns: rows below each other, one's speaker found."""
    turns = [_TURN.fullmatch(row.strip()) for row in rows]
    said: list[list[Span]] = [[] for _ in rows]
    place = 0
    while place < len(rows):
        end = place
        while end < len(rows) and turns[end] is not None:
            end += 1
        known = any(
            span.kind == KIND and span.start < len(hit["who"]) and not rules.lone_labels(hit["who"] + ":")
            for spans, hit in zip(found[place:end], turns[place:end], strict=True)
            if hit
            for span in spans
        )
        for at in range(place, end) if known and end - place > 1 else ():
            hit = turns[at]
            start = len(rows[at]) - len(rows[at].lstrip())
            if hit and hit["who"].lower() not in _NOBODY:
                said[at].append(Span(start, start + len(hit["who"]), KIND, SCORE))
        place = end + 1
    return said
