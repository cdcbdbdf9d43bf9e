"""Places in English text that neither the model nor an address's rules see: told by the words about them.

A run of capitals is a place where words lead to it ("near", "flights to") or follow it ("airport", ", Ohio");
the house's number and the foreign small words between finds belong to them. No list of places is needed, so
that a village is as good as a capital city. Written in capitals within a sentence, a name is told alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import regex

from workers.redaction.core.spans import Span
from workers.redaction.language.countries import SHORT_STATES, STATES
from workers.redaction.language.en import names as english_names
from workers.redaction.language.en.street_words import SMALL, STREETS

if TYPE_CHECKING:
    from spacy.tokens import Doc

KIND = "LOCATION"
SCORE = 0.5
LONGEST = 6  # words of a place's name
BEFORE = 60  # characters that may lead to it


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = regex.compile(r"[^\s,;:!?()\[\]\"“”<>/]+")
_NAME = regex.compile(r"(?:['’]?[stdSTD]['’\-])?\p{Lu}[\p{L}\d'’.\-]*")
_NUMBER = regex.compile(r"\d{1,5}(?:[\-/]\d{1,5})?[A-Za-z]?")
# Small words that stand in English sentences between names, and so are no part of a foreign one.
_ENGLISH = _words(
    "a an and or but nor so if as at by for from in into of on onto off out over per than that the to up"
    " via with vs v is was are were be has had have do did does can could will would may might must shall"
    " should not no we you he she it they i my your his her its our their this these those who whom whose"
    " which what when where why how am pm re cc us me him them then while because since until till during"
    " without and/or against through under between after before near like aka née plus any both"
)
_STRONG = regex.compile(
    r"(?i:\b(?:near|nearby|outside|towards?|inside|beyond|throughout|across|visit(?:ed|ing|s)?"
    r"|(?:north|south|east|west|outskirts|suburbs?|city|town|village|port|county|district|province|region|parish"
    r"|heart|cent(?:er|re)|streets|mayor|bishop|coast|capital|citizens|residents|people|miles|kilomet(?:er|re)s|km"
    r"|minutes|area|part|rest|end|exit \d+) (?:of|from|for)(?: downtown| central| old)?"
    r"|(?:trips?|flights?|trains?|bus(?:es)?|coach|road|way|ferry|journey|tickets?|drive|visit|moved?|moving"
    r"|return(?:ed|ing)?|fly|flies|flew|flown|flying|travel(?:l?ed|l?ing)?|went|go|goes|going|gone|come|came"
    r"|comes|coming|head(?:ed|ing|s)?|welcome|back|home|drove|driven|drives?|driving|sail(?:ed|ing)?|transferred"
    r"|relocat(?:ed|ing|e)|escaped|fled|left|leav(?:e|es|ing)|depart(?:s|ed|ing)?|ship|deliver|bound)"
    r" (?:back |over |down |up |out |home |here |there )?(?:to|for|from|via|through|over|towards?)"
    r"|(?:live[sd]?|living|born|raised|grew up|stay(?:s|ed|ing)?|based|located|situated|settled|buried"
    r"|land(?:ed|s)?|arriv(?:e|ed|es|ing)|resid(?:e|es|ed|ing)|somewhere|apartment|house|flat|farm|holiday|snow"
    r"|rain|sunshine|schools?|hotels?|stuck|police|protests?|office|branch|plant|warehouse|store)"
    r" (?:in|near|at|outside|around|between)(?: downtown| central)?"
    r"|how far is"
    r"|(?:i|we|he|she|they|you)(?:['’](?:m|re|s)| am| is| are| was| were)(?: now| still| back)? (?:in|near)"
    r"|weather(?: forecast)?(?: (?:in|for))?|forecast for"
    r"|(?:next stop|destination|departure|arrival|from|to|city|town|place|state|province|county|region|venue"
    r"|location|street|suburb|country) ?:)$)"
)
_WEAK = regex.compile(
    r"(?i:(?<!\p{L})(?:in|at|from|to|through|over|around|between|via|into|off|past|for|of|on|behind|opposite)$)"
)
_FOLLOWS = regex.compile(
    r"(?:['’]s)? (?:(?:international|city|town|central|train|railway|bus|police|half|local|old|downtown) )?"
    r"(?:bridge|airport|area|region|district|county|province|station|plant|stores?|office|branch|mayor|council"
    r"|suburbs?|harbou?r|port|river|valley|railway|stadium|markets?|crossing|countryside|coast|border|museum|zoo"
    r"|campus|festival|hospital|castle|cathedral|marathon|weather|traffic|warehouse|depot|beach|neighbou?rhood"
    r"|metro|subway|skyline|residents?|police|exit|tower|tunnel|peninsula|islands?|lake|forest|road|street)"
    r"(?!\p{L})"
)
_STATE_FOLLOWS = regex.compile(
    rf",? (?:{'|'.join(sorted(SHORT_STATES))})(?= \d{{4,6}}(?!\d)|[.,;)]|$)"
    rf"|, (?:{'|'.join(STATES)})(?!\p{{L}})"
    r"|,? \p{Lu}{2,3} \d{4,6}(?!\d)|-(?:based|born|bound|area)(?!\p{L})"
    r"|, (?:\d{4}-\d|\d{1,2}[./]\d|\d{1,2}(?:st|nd|rd|th)? ?[./]? ?\p{Lu}\p{Ll}+"
    r"|\p{Lu}\p{Ll}+ \d{1,2},? \d{4})"
)
_SHORT = regex.compile(r"\p{Lu}{2,3}")
_CODE = regex.compile(r" \d{4,6}(?!\d)")
# Google Drive and the General Court are no streets.
_NO_STREETS = frozenset({"drive", "dr", "circuit", "st", "terrace"})
_DETERMINED = regex.compile(
    r"(?i:(?<!\p{L})(?:the|a|an|my|your|his|her|our|their|this|that|new|each|every|no))$"
)
_CALENDAR = regex.compile(
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|summer|winter"
    r"|autumn|spring|fall|christmas|easter|english)"
)


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    ordinary: bool
    tag: str
    entity: str

    @property
    def name(self) -> bool:
        # Two digits in it, and it is a part's or a model's number.
        return _NAME.fullmatch(self.text) is not None and sum(map(str.isdigit, self.text)) < 2

    @property
    def capitals(self) -> bool:
        letters = [sign for sign in self.text if sign.isalpha()]
        return len(letters) > 1 and all(sign.isupper() for sign in letters)


def find(doc: Doc, ordinary: frozenset[str], found: list[Span], *, capitals: bool = False) -> list[Span]:
    """Places, beside what is `found` in the same text; and what stands between finds and belongs to them.

    Of what was written in `capitals` only what is no ordinary word is taken.
    """
    words = _words_of(doc, ordinary)
    text = doc.text
    found = [span for span in found if span.kind in (KIND, "PERSON")]
    mixed = any(word.text != word.text.upper() for word in words)
    spans = [
        Span(run[0].start, run[-1].end, KIND, SCORE)
        for run in _runs(words, text)
        if _is_place(run, doc, text, found, mixed=mixed, titled=capitals)
    ]
    return [*spans, *_between(words, text, [*found, *spans])]


def _words_of(doc: Doc, ordinary: frozenset[str]) -> list[_Word]:
    tokens = {place: token for token in doc for place in range(token.idx, token.idx + len(token.text))}
    words = []
    for hit in _WORD.finditer(doc.text):
        start, word = hit.start(), hit.group()
        if word.endswith((".", "'", "’")) and (
            word[:1].isdigit() or (word.count(".") <= 1 and len(word) >= 4)
        ):
            word = word.rstrip(".'’")
        for ending in ("'s", "’s", "-based", "-born", "-bound", "-area"):
            word = word.removesuffix(ending)
        token = tokens.get(start)
        if word and token is not None:
            is_ordinary = english_names.is_ordinary(word, ordinary)
            words.append(_Word(start, start + len(word), word, is_ordinary, token.tag_, token.ent_type_))
    return words


def _runs(words: list[_Word], text: str) -> list[list[_Word]]:
    """Names that stand beside each other, with foreign small words between them."""
    runs: list[list[_Word]] = []
    run: list[_Word] = []
    small: list[_Word] = []
    for word in words:
        beside = bool(run) and text[(small or run)[-1].end : word.start] == " "
        if word.name and (run or word.text.lower() not in _ENGLISH):
            if not beside:
                runs.append(run)
                run, small = [], []
            run += [*small, word]
            small = []
        elif beside and len(small) < 2 and _foreign(word):
            small.append(word)
        else:
            runs.append(run)
            run, small = [], []
    runs.append(run)
    return [run for run in runs if run]


def _foreign(word: _Word) -> bool:
    """A small word of a name: "nad", "de la", and no English one."""
    if not word.text.islower() or not word.text.isalpha() or len(word.text) > 6:
        return False
    return word.text == "do" or (word.text not in _ENGLISH and (word.text in SMALL or not word.ordinary))


def _is_place(run: list[_Word], doc: Doc, text: str, found: list[Span], *, mixed: bool, titled: bool) -> bool:
    start, end = run[0].start, run[-1].end
    if any(span.start <= start and end <= span.end for span in found):
        return False
    names = [word for word in run if word.name]
    if len(run) > LONGEST or any(_CALENDAR.fullmatch(word.text) for word in names):
        return False
    if len(names) == 1 and names[0].ordinary and english_names.is_peoples(names[0].text, names[0].entity):
        return False
    if english_names.is_firms(doc, start, end):
        return False
    before, behind = text[max(0, start - BEFORE) : start].rstrip(), text[end : end + 40]
    # Only who writes whole sentences writes a name in capitals; a heading is all capitals.
    loud = mixed and not titled and all(word.capitals for word in names) and _can_be_said(names)
    first = not before.strip(" \"'“(>*-") or before[-1] in ".!?:\n"
    proper = all(word.tag in ("NNP", "NNPS") for word in names)
    unusual = any(
        not word.ordinary and len(word.text) > 2 and (not word.capitals or _can_be_said([word]))
        for word in names
    )
    if names[-1].text in english_names.STANDARDS and all(word.ordinary for word in names[:-1]):
        return False
    if len(names) > 1 and _SHORT.fullmatch(names[-1].text) and _CODE.match(behind):
        return len(names[0].text) > 3 and _can_be_said(names)
    if len(names) > 1 and names[-1].text.lower() in STREETS - _NO_STREETS and (not first or unusual):
        return True
    if titled:
        return unusual and bool(_STRONG.search(before) or _STATE_FOLLOWS.match(behind))
    if _STATE_FOLLOWS.match(behind):
        return proper or loud or unusual
    if _FOLLOWS.match(behind):
        return loud or unusual or (proper and not first and not _DETERMINED.search(before))
    if _STRONG.search(before):
        return loud or unusual or proper
    if _WEAK.search(before):
        return loud or unusual
    return loud and unusual and any(len(word.text) > 4 for word in names)


def _can_be_said(names: list[_Word]) -> bool:
    """Whether it is no abbreviation: three letters at least, with a vowel and something beside vowels."""
    return all(
        len(word.text) > 2
        and regex.search(r"(?i)[aeiouyà-ÿ]", word.text)
        and regex.search(r"(?i)[^aeiou]", word.text)
        and "." not in word.text
        for word in names[:1]
    )


def _between(words: list[_Word], text: str, found: list[Span]) -> list[Span]:
    """Numbers and small words beside finds: the house's number, the town's foreign "an der"."""
    hidden = {place for span in found for place in range(span.start, span.end)}
    spans: list[Span] = []
    for place, word in enumerate(words):
        if word.start in hidden or not place:
            continue
        before = words[place - 1]
        gap = text[before.end : word.start]
        if before.end - 1 not in hidden or gap not in (" ", ", "):
            continue
        following = words[place + 1] if place + 1 < len(words) else None
        if (
            (_NUMBER.fullmatch(word.text) and not _counts(word, following, text))
            or (gap == " " and _foreign(word) and _goes_on(word, following, text, hidden))
            or (_SHORT.fullmatch(word.text) and _ends_place(before, word, found, text))
        ):
            spans.append(Span(word.start, word.end, KIND, SCORE))
            hidden.update(range(word.start, word.end))
    return [*spans, *_in_front(words, text, hidden)]


def _goes_on(word: _Word, following: _Word | None, text: str, hidden: set[int]) -> bool:
    return following is not None and following.start in hidden and text[word.end : following.start] == " "


def _in_front(words: list[_Word], text: str, hidden: set[int]) -> list[Span]:
    """A number in front of what is hidden, where another number stands behind: 376 Turjaška 48."""
    spans = []
    for place, word in enumerate(words):
        if word.start in hidden or not _NUMBER.fullmatch(word.text):
            continue
        before, numbers = word, 0
        for other in words[place + 1 : place + 1 + LONGEST]:
            if text[before.end : other.start] != " " or other.start not in hidden:
                break
            numbers += other.text[0].isdigit()
            before = other
        if numbers:
            spans.append(Span(word.start, word.end, KIND, SCORE))
    return spans


def _ends_place(before: _Word, short: _Word, found: list[Span], text: str) -> bool:
    """Whether two or three capitals are the state of the town in front: "Lima, OH", "Paamiut SM 3940"."""
    behind = text[short.end : short.end + 12]
    if text[before.end : short.start] == " ":
        return _CODE.match(behind) is not None
    towns = any(span.kind == KIND and span.start < before.end <= span.end for span in found)
    return (
        (towns or short.text in SHORT_STATES)
        and not before.text[0].isdigit()
        and behind[:2].strip(" .;?!)") == ""
    )


def _counts(number: _Word, following: _Word | None, text: str) -> bool:
    """Whether a number counts what follows it: "3 boxes", "20 %", "5:30"."""
    after = text[number.end : number.end + 2]
    if following is None or not after.startswith(" "):
        return bool(after) and after[0] in "%°:/"
    return following.text in STREETS or (following.tag in ("NNS", "NN", "JJ") and following.text.islower())
