"""Names that are written in small letters, behind words that lead to a person: "signed by", "cc", "hi".

Without a capital neither the model nor grammar sees a name. Behind such words it is one that the model's own
lists of lemmas don't hold, or a first name that is a word as well (grace, mark); the word behind it goes with
it, unless it is a small one of the sentence. What companies call their teams and programs is nobody.
"""

from __future__ import annotations

import itertools

import regex

from workers.redaction.core.spans import TIMEOUT, Span
from workers.redaction.language.en.given_names import GIVEN
from workers.redaction.language.en.names import is_ordinary

KIND = "PERSON"
SCORE = 0.8
LONGEST = 4  # words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LED_TO = regex.compile(
    r"(?i:(?<![\p{L}\d_.@/\-])(?:"
    r"(?:signed|written|approved|prepared|reviewed|reported|submitted|requested|created|opened|closed"
    r"|sent|checked"
    r"|taken|drawn(?: up)?|authori[sz]ed|confirmed|witnessed|interviewed|signed off|recorded|edited"
    r"|translated|inspected"
    r"|handled|raised|logged|received|issued|accepted|rejected|ordered|paid|delivered|verified"
    r"|paid for|collected|returned|found|called in|started|led|hosted|owned|managed|designed|added"
    r"|(?:signed|cared|spoken) for) by"
    r"|(?:notes|minutes|drawing|photo|letter|report|review|translation|comment|text) by"
    r"|(?:assigned|reassigned|handed(?: over)?|forwarded|escalated|addressed|transferred|reports?"
    r"|belongs?) to"
    r"|(?:forward|send|give|pass|hand|show|return|deliver|report|write|bring|sent|gave|passed|showed"
    r"|returned|delivered|brought|sold|lent|forwarding|sending)"
    r" (?:this|it|that|them|these|those|(?:a|the|my|our|your) \p{Ll}{2,20})(?: on| over| back)? to"
    r"|according to|(?:created )?by user|(?:his|her|their|whose|its) name (?:is|was)"
    r"|(?:customer|patient|tenant|client|contact|manager|driver|owner|caller|guest|visitor|winner|buyer"
    r"|seller) (?:is|was)"
    r"|(?:the|a|our|my) (?:driver|customer|caller|guest|visitor|owner|buyer|seller|courier|teacher|nurse"
    r"|plumber|technician|engineer|accountant|director|winner|witness)(?=,)"
    r"|(?:they|you can|please|just) call me|(?:^|[.!?] ?)call me|signed(?=,)"
    r"|(?:we|i|they|she|he|have|has|also) (?:invited|hired|interviewed|visited|helped)|^invited"
    r"|on behalf of|(?:spoke|speak|speaking|spoken|talk|talked|talking|chat|chatted|wrote|write"
    r"|replied|married) (?:to|with)"
    r"|(?:met|meet|meeting|lunch|interview|appointment|call) with"
    r"|(?:call|calls|message|mail|email|e-mail|letter|note|reply|complaint|request|feedback|report|parcel"
    r"|package|order|invoice|payment|question|text|fax|gift|greetings|news|word|regards|love) (?:from|by)"
    r"|^(?:from|to) ?:|(?:reply|reports) to ?:"
    r"|b?cc(?: to)? ?:?|attn\.? ?:?|attention ?:|c/o|fao"
    r"|hi(?: there)?|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|cheers"
    r"|regards|sincerely|best"
    r"|(?:kind|best|warm) (?:regards|wishes)|yours(?: truly| sincerely| faithfully)?|xoxo|love"
    r"|(?:please |can you |could you |i(?:'ll| will)? |we |to |and )(?:ask|tell|contact|phone|remind"
    r"|invite|thank|ping|notify|inform)"
    r"|(?:^|[.!?] ?|please |then )(?:ask|tell|contact|call|ping|ring|phone|text|message|email|remind|thank)"
    r"|my name is|my name's|name is|names are|called (?:me|him|her)|known as|this is|i am|i'm|it's me"
    r"|mr\.?|mrs\.?|ms\.?|miss|dr\.?|prof\.?|mister|madam|nurse|uncle|aunt"
    r"|(?:my|our|his|her|the) (?:colleague|boss|manager|wife|husband|partner|son|daughter|brother"
    r"|sister|mother|father"
    r"|friend|neighbou?r|doctor|assistant|patient|client|supervisor|secretary|lawyer|accountant"
    r"|landlord|tenant)"
    r"|(?:assignee|author|reporter|owner|signed|contact|requester|approver|reviewer|caller|patient"
    r"|employee|attendees?"
    r"|participants|present|absent|minutes by|sender|recipient|witness|witnesses|signature|driver|tenant"
    r"|customer|client|nurse|doctor|agent|operator|guest|visitor|student|teacher|parent|spouse|interview"
    r"|interviewer|interviewee|speaker|presenter|host|chair|applicant|manager|supervisor|user|name"
    r"|surname) ?:"
    r") ?:?[ ,]+(?=\p{Ll}))"
)
_WORD = regex.compile(r"\p{Ll}[\p{Ll}'’\-]*\p{Ll}|\p{Ll}\.?(?= \p{Ll})")
_GAP = regex.compile(r" (?=\p{Ll})")
_AND = regex.compile(r"(?:, and|,| and| &) (?=\p{Ll})")
# Closings of a letter that fill their line: whoever stands below has signed.
_CLOSING = regex.compile(
    r"(?i:\W*(?:many |kind |best |warm )?(?:thanks|thank you|cheers|regards|wishes|sincerely|best"
    r"|love|yours(?: \p{L}+)?)[ ,.!]*)"
)
# Small words of a sentence, and the days: no part of a name.
_STOP = _words(
    "a an and or but nor so if as at by for from in into of on onto off out over per than that the to up"
    " via with vs is was are were be been has had have do did does can could will would may might must"
    " shall should not no we you he she it they i my your his her its our their this these those who whom"
    " whose which what when where why how am pm re cc us me him them then while because since until till"
    " during without against through under between after before near any both some all each every again"
    " also already just now today tomorrow yesterday tonight soon later here there very too please thanks"
    " thank hi hello hey dear regards once twice about around only still yet monday tuesday wednesday"
    " thursday friday saturday sunday january february march april june july august september october"
    " november december said says told asked asks called calls wrote will went goes come came last next"
    " first new old yes ok okay sorry well let get got want wants need needs make made take took see saw"
    " know think sent send sure"
)
# Whom letters greet and tickets are given to, and what programs are called: none of them somebody.
_NOBODY = _words(
    "everyone everybody somebody someone anybody anyone nobody folks guys team teams people colleagues"
    " customer customers support sir madam friend friends community members staff helpdesk devops backend"
    " frontend admin admins sysadmin webmaster qa hr it ops sre dba api cron systemd jenkins github gitlab"
    " dependabot renovate grafana prometheus kubernetes docker nginx apache postgres postgresql mysql"
    " sqlite redis kafka elasticsearch terraform ansible slack jira webhook localhost root default unknown"
    " none null undefined todo tbd logistics onboarding infosec middleware firmware payroll invoicing"
    " facilities onsite offsite online intranet wifi vpn email e-mail http https config username hostname"
    " timestamp metadata signup login ci cd sdk crm erp sap wms mes plc pdf excel yall all-hands standup"
    " daily teammates coworkers co-workers mum mom dad mummy daddy grandma grandpa kubectl pytest scrum"
    " sprint kanban freelancer subcontractor intern trainee reseller hotline callcenter frontdesk lol btw"
    " fyi asap noreply no-reply mailer-daemon postmaster"
)


def find(text: str, ordinary: frozenset[str]) -> list[Span]:
    """Spans of characters in a row of English text."""
    found: list[Span] = []
    for hit in _LED_TO.finditer(text, overlapped=True, timeout=TIMEOUT):
        at = hit.end()
        while name := _name(text, at, ordinary):
            found.append(name)
            more = _AND.match(text, name.end)
            if more is None:
                break
            at = more.end()
    return found


def signed(rows: list[str], ordinary: frozenset[str]) -> list[list[Span]]:
    """For each row of one text who signs in it, below a row that closes a letter."""
    found: list[list[Span]] = [[] for _ in rows]
    for place, (above, row) in enumerate(itertools.pairwise(rows), start=1):
        start = len(row) - len(row.lstrip(" -–—~"))
        if (
            _CLOSING.fullmatch(above)
            and len(row.split()) <= LONGEST
            and (name := _name(row, start, ordinary))
        ):
            found[place].append(name)
    return found


def _name(text: str, at: int, ordinary: frozenset[str]) -> Span | None:
    """The name that begins here, up to the first word that is none of it."""
    end = begin = at
    initial = False
    for count in range(LONGEST):
        word = _WORD.match(text, at)
        if word is None or text[word.end() : word.end() + 1] in ("_", "/", "@", "=", "(", "\\"):
            break
        plain = word.group().rstrip(".").replace("’", "'").removesuffix("'s")
        if (
            (plain in _STOP and plain not in GIVEN)
            or plain in _NOBODY
            or any(part in _NOBODY for part in plain.split("-"))
        ):
            break
        initial = len(plain) == 1 and count == 0
        if count == 0 and not initial and not _is_first(plain, ordinary):
            return None
        end = word.start() + len(word.group().removesuffix("'s").removesuffix("’s"))
        gap = _GAP.match(text, word.end())
        if gap is None:
            break
        at = gap.end()
    return Span(begin, end, KIND, SCORE) if end > begin and not (initial and end - begin < 3) else None


def _is_first(word: str, ordinary: frozenset[str]) -> bool:
    """Whether a name may begin with it."""
    if word in GIVEN:
        return True
    spoken = regex.search(r"[aeiouyà-ÿ]", word) is not None
    parts = word.split("-")
    return (
        len(word) > 1 and spoken and not any(is_ordinary(part, ordinary) for part in parts if len(part) > 2)
    )
