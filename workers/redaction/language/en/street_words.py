"""What streets are called, what stands in an address beside them, and the words that lead to one.

Closed classes: the kinds of streets of the United States' and Australia's postal standards, those of Europe's
languages, and the words for flats, boxes and military post.
"""

from __future__ import annotations

import regex


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SMALL = _words(
    "de del della dei degli di da das do dos du des la le les el los las van von der den dem am an im in"
    " of the upon sur sous et y e ob pod nad na u v při pri za v. via rue ulica utca út ul. os. al. č. and"
)
FLATS = _words(
    "apt apartment appartement appartamento suite ste unit flat studio box postbox postfach postboks"
    " apartado apdo casilla"
)
FORCES = _words("APO FPO DPO PSC CMR")
SHIPS = _words("USNS USS USCGC USNV USAV USCG HMS")
# What a street's name begins with, what it ends with, and what its last word is.
BEFORE = _words(
    "rue rua via viale vicolo piazza corso strada stretto largo avenue avenida av. calle c/ ctra."
    " carretera carretera paseo plaza plazuela camino ronda travessa travesía praça estrada chemin allée"
    " impasse quai cours ul. ulica os. al. aleja plac pl. náměstí bulevardul calea jalan boulevard cesta"
    " trg urbanización pasaje rambla vía cuesta glorieta faubourg borgo contrada rotonda"
)
BEHIND = regex.compile(
    r"(?:['’]?s-)?\p{Lu}[\p{L}\-]{2,}?-?(?i:stra(?:ss|ß)e|str|gasse|weg|platz|allee|damm|ufer|ring|steig|straat|laan"
    r"|plein|gracht|kade|dijk|singel|steeg|hof|chaussee|vej|gade|vænget|vägen|gatan|gränd|vegen|veien|gata|gate"
    r"|tunet|katu|tie|kuja|polku|braut|vegur|stræti|gerði|utca|etorbidea|kalea|tänav|põik)\.?|\p{Lu}[\p{L}\-]{3,}v\."
)
# Which a number in front makes an address of, and which alone behind a name is a street's mostly.
STREETS = _words(
    "street st avenue ave road rd lane ln drive dr boulevard blvd crescent cres parkway pkwy highway hwy"
    " expressway freeway motorway turnpike alley alleyway laneway esplanade circuit terrace mews"
    " cul-de-sac"
)
LAST = STREETS | _words(
    "court ct way place pl square sq close circle cir trail grove row walk gardens garden access annex"
    " approach arcade bayou beach bend bluff bluffs bottom branch bridge brook brooks burg burgs bypass"
    " camp canyon cape causeway center centre centers cliff cliffs club colonnade common commons concourse"
    " copse corner corners course courts cove coves creek crest crossing crossroad crossroads curve dale"
    " dam deviation divide drives dell estate estates extension extensions fall falls ferry field fields"
    " flat flats ford fords forest forge forges fork forks fort gate gateway glade glen glens green greens"
    " groves harbor harbour harbors haven heights hill hills hollow inlet island islands isle junction"
    " junctions key keys knoll knolls lake lakes land landing light lights little loaf lock locks lodge"
    " loop mall manor manors meadow meadows mill mills mission motorway mount mountain mountains neck nook"
    " orchard oval overpass park parks part parkways pass passage path pathway pike pine pines plain"
    " plains plaza point points port ports prairie promenade quadrant quay quays radial ramp ranch rapid"
    " rapids reach rest retreat ridge ridges rise river riverway roads route rue run shoal shoals shore"
    " shores skyway spring springs spur spurs squares station stravenue stream streets subway summit"
    " throughway thruway tor trace track trafficway trailer tunnel turn underpass union unions valley"
    " valleys viaduct view views village villages ville vista vale walks wall wynd ways well wells wharf"
    " wood woods yard strasse straße platz chaussee utca u út útja kapu körút krt tér ulica ulice cesta"
    " tee põik tänav pst mnt veg vei väg gata gate vej gade terrasse plads torg allé"
)
# Small letters behind a name and in front of a house's number: Nánási út 79., Olaf Aakranns veg 112.
LOWER = _words(
    "utca u u. út útja kapu körút krt krt. tér ulica ulice cesta tee põik tänav pst mnt veg vei väg gata"
    " gate vej gade terrasse plads torg allé etorbidea kalea straat plein weg"
)
LED_TO = regex.compile(
    r"(?i:\baddress(?:es)?(?: (?:is|was|as|with|for|here|at|to|from)(?: the same| this)?)?(?: ?[:?,]"
    r"| it is| it's| is| to)*"
    r"|\b(?:live[sd]?|living|resid(?:es?|ed|ing)|located|situated|stay(?:s|ed|ing)?|dwell(?:s|ing)?)"
    r"(?: now| still)? (?:at|on|in|near)"
    r"|\b(?:meet|see) (?:me|you|us|him|her|them) (?:at|in|on)|\b(?:taxi|cab|ambulance|courier|driver) to"
    r"|\b(?:corner|crossing|junction|intersection|side) of|\bhere they are:"
    r"|\b(?:office|house|home|shop|store|clinic|restaurant|hotel|station|meeting|party|headquarters|villa|flat"
    r"|apartment|property|warehouse|branch)s? (?:is|are|was|stands)(?: now)?(?: located)? (?:at|on|in)"
    r"|\b(?:sen[dt]|ship(?:ped)?|deliver(?:ed|y)?|return(?:ed)?|mail(?:ed)?|forward(?:ed)?|post(?:ed)?)"
    r"(?: it| them| this| that)? to(?: the address)?:?"
    r"|\b(?:arrived?|drops? you off|dropped off|enter|entered|stop|walk)(?: it)? (?:at|on|in)"
    r"|\b(?:pick(?:ed)? (?:me|us|him|her|them|it) up) (?:from|at|on|in)"
    r"|\b(?:moved?|moving|travel(?:l?ing)?|flew|fly|flying|born|raised|grew up|originally|came|comes?|coming"
    r"|based)(?: back| here| there| out)? (?:from|to|in)|\bwhere:)$"
)
LEADS_ON = regex.compile(
    r"(?i:address|where|location|residence|lives at|live at|(?:bill|ship|deliver)(?:ed)? to) ?: *$"
)
# As Britain, Canada and the Netherlands write them; digits alone are told by what stands beside them.
POSTCODE = regex.compile(
    r"(?<![\p{L}\d\-])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d"
    r"|\p{Lu}{2} \d{5}(?:-\d{4})?|[1-9]\d{3} [A-Z]{2})(?![\p{L}\d\-])"
)
