"""Names of persons in English text that the model's entities miss: told by grammar and by the words about.

The model's tagger tells proper nouns better than its entity recogniser tells whose they are. A run of proper
nouns is taken for a person's name unless it is something else's: a firm's, a place's, a month's, or made of
ordinary words only. Ordinary is a word of the model's own lists of lemmas. No list of names is needed, so
that a name from anywhere is as good as any other.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import regex

from workers.redaction.core.spans import Rule, Span
from workers.redaction.language import rules
from workers.redaction.language.en.caption_words import NOUNS
from workers.redaction.language.en.given_names import GIVEN

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

KIND = "PERSON"
SCORE = 0.45  # of a name that only grammar tells
LED_TO = 0.8  # of one that words lead to
LONGEST = 5  # words


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME = (
    r"\p{Lu}[\p{L}'’\-]*\p{L}(?: (?:\p{Lu}(?!\p{L})\.?"
    r"|(?:de|da|di|del|van|von|der|den|la|le|el|al|bin|dos|du)(?= ))){0,2}(?: \p{Lu}[\p{L}'’\-]*\p{L}){0,3}"
)
# Capitals inside a word are a product's, but for these.
_WORD = regex.compile(
    r"(?:(?:I(?=J)|Mc|Mac|De|Di|Du|La|Le|Van|Fitz|[OD]['’])?\p{Lu}[\p{Ll}'’]*(?:-(?!$)|\.?$|$))+|\p{Lu}+\.?"
)
RULES = tuple(
    Rule(KIND, regex.compile(pattern), LED_TO)
    for pattern in (
        rf"{rules.NO_THINGS}(?i:\bnames?(?:'s| is| was| are|\?| (?:on|of|in|for|under) [a-z' ]{{1,24}}\?)?"
        rf"(?: (?:now|still|to|as))?[ :,]+(?:(?:user|it's|it is|bot) ?:? ?)?)(?<value>{_NAME})(?!-\d)",
        rf"(?i:\b(?:call(?:s|ed|ing)? (?:me|him|her|them)|named (?:him|her|them|it)|goes by|go by"
        rf"|also known as|nicknamed|née|signed,|regards,|sincerely,|cheers,|thanks,) +)(?<value>{_NAME})",
        rf"(?i:(?<!\p{{L}})(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|mister|nurse|uncle|aunt)\.? +)"
        rf"(?<value>{_NAME})",
        rf"(?<!\p{{L}})(?!(?:He|She|It|We|You|They|Who|That|This|What|There|Nobody|Everybody)\b)"
        r"(?!(?:The|These|Those|Its|Our|My|Your|His|Her|Their|All|Each|Every|Some|Any|No|Which|When|If)\b"
        r"(?! \p{Lu}))"
        rf"(?<value>{_NAME})"
        rf"(?= (?:lives?|lived|said|says|told|tells|wrote|writes|asked|asks|replied|shouted"
        rf"|whispered|thinks?|thought|married|died|is married|was born|works?|worked|spent|phoned)\b)",
        rf"(?<!\p{{L}})(?<value>{_NAME})(?=['’]s? (?:address|wife|husband|partner|kids?|child|children|son"
        rf"|daughter|mother|father|mom|mum|dad|brother|sister|birthday|phone|e-?mail|account|boss|friend|home|house"
        rf"|diagnosis|doctor|daughters|sons|parents|passport|salary|widow"
        rf"|boyfriend|girlfriend|killers?|murder|songs?|albums?|books?|novels?|career|speech|letters?|voice|death)\b)",
        r"(?<!\p{L})(?<value>\p{Lu}[\p{Ll}'’\-]+ \p{Lu}\.? \p{Lu}[\p{L}'’\-]+)",
        rf"(?i:\b(?:hi|hello|dear|hey),? +)(?!(?:Sir|Madam|All|Team|There|Everyone)\b)(?<value>{_NAME})",
    )
)

_FIRMS = words_of(
    "inc inc. incorporated ltd ltd. limited llc plc corp corp. corporation co co. company group holdings"
    " bank trust fund university college school institute association society club hospital church"
    " ministry department agency committee council foundation international industries technologies"
    " systems services solutions partners associates enterprises airlines motors pharmaceuticals bancorp"
    " freight logistics haulage couriers"
    " gmbh ag sa nv bv ab as oyj spa s.a. n.v. etf co.,ltd co.ltd co.ltd. orchestra party"
    " league force act law laws day treaty union app bot"
)
# Proper nouns to a tagger, and no person's.
_NOBODY = words_of(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july"
    " august september october november december mr mrs ms miss dr prof sir madam mr. mrs. ms. dr. prof."
    " mister email e-mail fax tel website iban ssn id usa uk eu am pm ok god internet web online pdf faq"
    " everybody everyone nobody somebody someone anybody anyone traceback stacktrace changelog readme backlog"
    " localhost dockerfile makefile checksum username hostname timestamp metadata runtime middleware firmware"
)
# What heads of lists, logs and drawings abbreviate, and units.
ABBREVIATIONS = words_of(
    "mm cm km kg mg ml kb mb gb tb kib mib gib hz khz mhz ghz kw kwh mw kpa mpa nm ms ma mah rpm pcs"
    " pc qty nos pos sku uom ref misc approx min max avg std vol wt dia len ids pid uid url uri api cpu gpu"
    " ram ssd hdd http tcp udp sql json xml csv png err warn info debug"
    " ok msg src dst tmp etc npm git ssh usb ctrl alt esc us uk eu usa"
)
# Whose numbers say how a thing is made, painted or threaded.
STANDARDS = words_of("RAL NCS DIN ISO IEC ANSI ASTM AISI SAE JIS GOST AWG UNC UNF NPT BSP VDE RFC IEEE")
_NOT_PERSONS = frozenset({"LANGUAGE", "LAW", "EVENT", "MONEY", "QUANTITY", "PERCENT"})
# As peoples and languages end; the model takes many a name for one.
_PEOPLES = regex.compile(r"(?i:.*(?:[ei]ans?|ese|ish|ic|i|ch|ews|ers))")
_PLACES = frozenset({"GPE", "LOC", "FAC"})
_SMALL = frozenset(
    {"de", "da", "di", "del", "van", "von", "der", "den", "la", "le", "el", "al", "bin", "dos"}
)


_PARTICLE = regex.compile(r"(?<verb>[a-z]{3,})(?:around|back|down|off|over|through|away)")


def is_nobodys_word(text: str) -> bool:
    """Whether it is a word of the trade that no dictionary has: checksum, localhost."""
    return text.lower() in _NOBODY


def is_firms_word(text: str) -> bool:
    return text.lower() in _FIRMS


class Words(NamedTuple):
    """Lemmas: all that the model has, and those that captions have and no name is made of."""

    ordinary: frozenset[str]
    captions: frozenset[str]


def words_of_model(model: Language) -> Words:
    """The lemmas of the model's own tables, from the lemmatiser that is then taken out of it."""
    tables = model.get_pipe("lemmatizer").lookups.get_table("lemma_index")
    model.remove_pipe("lemmatizer")
    # By name: the table itself is keyed by hashes, and its nouns hold surnames.
    named = (word for kind in ("adj", "adv", "verb") for word in tables[kind])
    return Words(frozenset(word for words in tables.values() for word in words), frozenset(named) | NOUNS)


def find(doc: Doc, ordinary: frozenset[str], *, capitals: bool = False) -> list[Span]:
    """Spans of characters. The document has tags and entities.

    In what was written in `capitals` an abbreviation looks like a name: two words of no list are asked for.
    """
    text = doc.text
    spans = [span for rule in RULES for span in rule.find(text)]
    run: list[Token] = []
    runs: list[list[Token]] = []
    for token in [*doc, None]:
        if token is not None and _may_be_part(token, ordinary):
            if run and run[-1].whitespace_ == "":
                runs.append(run)
                run = []
            run.append(token)
        elif run and token is not None and token.text in _SMALL and run[-1].whitespace_:
            run.append(token)
        else:
            runs.append(run)
            run = []
    spans += [span for one in runs for span in _judged(one, doc, ordinary, capitals=capitals)]
    spans += _speaker(doc)
    return [*spans, *_listed([one for one in runs if one], spans, doc)]


def _speaker(doc: Doc) -> list[Span]:
    """Who speaks in a line of a transcript: a proper noun and a colon before a sentence."""
    if len(doc) < 4 or doc[0].tag_ != "NNP" or doc[1].text != ":" or doc[0].lower_ in _NOBODY:
        return []
    said = doc.text[doc[1].idx + 1 :].strip(" \"'“")
    label = rules.lone_labels(doc[0].text + ":")
    return (
        [] if label or len(said.split()) < 2 or not said[0].isupper() else [Span(0, len(doc[0]), KIND, SCORE)]
    )


def _listed(runs: list[list[Token]], spans: list[Span], doc: Doc) -> list[Span]:
    """Names beside a name in a list: in "Kalmár, Colon and Adams" all are persons if one is."""
    named = {place for span in spans for place in range(span.start, span.end)}
    for entity in doc.ents:
        if entity.label_ == KIND:
            named.update(range(entity.start_char, entity.end_char))
    found: list[Span] = []
    beside = list(itertools.pairwise(runs))
    for first, second in [*beside, *((second, first) for first, second in reversed(beside))]:
        between = doc[min(first[-1].i, second[-1].i) + 1 : max(first[0].i, second[0].i)].text.strip()
        if between not in (",", "and", "&", ", and", "or", "to") or first[0].idx not in named:
            continue
        if (
            len(second) > 2
            or any(token.lower_ in _NOBODY or token.text.isupper() for token in second)
            or _is_firms(second, doc)
        ):
            continue
        if all(token.ent_type_ in ("", "ORG", "PRODUCT") for token in second):
            found.append(Span(second[0].idx, second[-1].idx + len(second[-1].text), KIND, SCORE))
            named.update(range(found[-1].start, found[-1].end))
    return found


def _may_be_part(token: Token, ordinary: frozenset[str]) -> bool:
    word = token.text
    if not word[0].isupper() or not any(sign.isalpha() for sign in word[1:] or word):
        return False
    if not _WORD.fullmatch(word):
        return False
    if token.tag_ in ("NNP", "NNPS"):
        return True
    return token.tag_.startswith(("NN", "JJ", "FW", "VB", "RB", "UH")) and not is_ordinary(word, ordinary)


def is_ordinary(word: str, ordinary: frozenset[str]) -> bool:
    """Whether the word, or what an English ending was put to, is among the model's own lemmas."""
    lower = word.lower().rstrip(".")
    stems = [lower]
    for ending, others in (
        ("ies", ("y",)),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ing", ("", "e")),
        ("ed", ("", "e")),
        ("iest", ("y",)),
        ("est", ("", "e")),
    ):
        if lower.endswith(ending) and len(lower) > len(ending) + 2:
            stems += [lower.removesuffix(ending) + other for other in others]
    # What verbs and their particles make: workaround, traceback.
    parts = _PARTICLE.fullmatch(lower)
    return any(stem in ordinary for stem in stems) or (parts is not None and parts["verb"] in ordinary)


def _judged(run: list[Token], doc: Doc, ordinary: frozenset[str], *, capitals: bool) -> list[Span]:
    """The run as a name, or nothing."""
    while run and (run[-1].text in _SMALL or run[-1].lower_ in _NOBODY):
        run = run[:-1]
    while run and (run[0].text in _SMALL or run[0].lower_ in _NOBODY):
        run = run[1:]
    if not run or len(run) > LONGEST or any(token.lower_ in _NOBODY for token in run):
        return []
    if all(token.lower_ in ABBREVIATIONS for token in run):
        return []
    words = [token for token in run if token.text not in _SMALL]
    unusual = [token for token in words if len(token.text) > 2 and not is_ordinary(token.text, ordinary)]
    if _is_designation(run, unusual, doc):
        return []
    if capitals and (len(words) < 2 or len(unusual) < len(words)):
        return []
    if not unusual or all(token.text.isupper() for token in words):
        return []
    if _is_firms(run, doc) or any(_is_no_person(token) for token in unusual):
        return []
    if all(token.ent_type_ in _PLACES for token in words):
        return []
    return [Span(run[0].idx, run[-1].idx + len(run[-1].text), KIND, SCORE)]


def _is_designation(run: list[Token], unusual: list[Token], doc: Doc) -> bool:
    """Whether ordinary words, none a given name, and a standard stand before a number: Paint RAL 7035."""
    last = run[-1]
    number = last.i + 1 < len(doc) and doc[last.i + 1].text[0].isdigit()
    if not number or last.text not in STANDARDS:
        return False
    return unusual in ([], [last]) and not any(token.lower_ in GIVEN for token in run[:-1])


def is_firms(doc: Doc, start: int, end: int) -> bool:
    """Whether these characters are a part of what a firm is called."""
    run = [token for token in doc if start <= token.idx < end]
    return bool(run) and _is_firms(run, doc)


def _is_no_person(token: Token) -> bool:
    return token.ent_type_ in _NOT_PERSONS or is_peoples(token.text, token.ent_type_)


def is_peoples(word: str, entity: str) -> bool:
    """Whether what the model takes for a people or a language also ends as they do."""
    return entity == "NORP" and _PEOPLES.fullmatch(word) is not None


def _is_firms(run: list[Token], doc: Doc) -> bool:
    """Whether a firm's word is in the run or among the capitals that stand unbroken beside it."""

    def goes_on(token: Token) -> bool:
        return token.text[0].isupper() or token.text in ("&", "of", "and", ".", "the")

    first, last = run[0].i, run[-1].i
    while first > 0 and run[0].i - first < LONGEST and goes_on(doc[first - 1]):
        first -= 1
    while last + 1 < len(doc) and last - run[-1].i < LONGEST and goes_on(doc[last + 1]):
        last += 1
    return any(token.lower_ in _FIRMS or token.text == "&" for token in doc[first : last + 1])
