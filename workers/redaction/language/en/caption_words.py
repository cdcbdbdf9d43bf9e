"""Nouns that buttons, menus, heads of windows and of lists say, and no name is made of.

The dictionary's other nouns hold people and towns as well (churchill, lisbon); its verbs, adjectives and
adverbs hold next to none.
"""

from __future__ import annotations

NOUNS = frozenset(
    """
    access account accounts action actions activity address admin administrator alert alerts algorithm alias
    alignment alpha amount analysis angle animation app application applications area argument array arrow
    article aspect asset assistant attachment attribute audio author background backup balance band bar base
    basket batch battery beta border boundary box brightness browser brush budget buffer bug bundle bus
    button buttons cable cache calendar call camera canvas capacity caption card cart catalog catalogue
    category cell center centre certificate channel channels chapter chart chat checkbox checksum circle
    class clip clipboard clock cloud cluster code collection color colors colour colours column columns
    command comment comments component computer condition connection console contact contacts container
    content contents context contrast controller controls cookie copy corner count counter coupon criteria
    cube currency cursor curve curves customer customers dashboard data database date day days debug default
    defaults degree delay delivery demo density department depth description desktop destination detail
    details device devices diagram dialog dialogue dictionary difference diffraction dimension direction
    directory discount disk display distance distortion dock document documents domain download downloads
    draft drive driver duration edge editor effect effects element ellipse email encoding end engine entry
    environment error errors event events example examples exit export expression extension eye factor
    factory favorites favourite feature features feedback field file files fill filter filters finger finish
    firmware flag floor folder folders font fonts foreground form format forum frame frames frequency
    function gallery game gamma gap gate gateway glossary glow gradient graph graphics grid group groups
    guide guides handle hardware hash head header heading height help highlight hint histogram history home
    host hour hours hue icon icons idea identity image images import inbox index info information ink input
    inspector installation instance instruction instructions integration interface interval inventory
    invoice issue item items job jobs join journal key keyboard keyword kind knob label labels language
    languages laptop layer layers layout ledger legend length lens level levels library licence license
    light limit line lines link links list lists load location lock log login logo logs loop machine macro
    mail mailbox manager manual map mapping margin mask master match material matrix media member members
    memory menu menus message messages metadata method metric microphone minute minutes mirror mode model
    modem modes modifier module modules monitor month motion mouse move movie music name navigation
    navigator network node nodes noise note notes notice notification notifications number numbers object
    objects offer offset opacity operation operator option options order orders orientation origin outline
    output overview owner package padding page pages paint pair palette panel paper paragraph parameter
    parameters part parts password path paths pattern patterns payment pencil performance period permission
    permissions phase phone photo photos picture pictures pixel pixels plan platform player plot plugin
    plugins point pointer points policy polygon popup port portal position post power preference preferences
    preset presets preview price printer priority privacy problem process processor product products profile
    profiles program progress project projects promotion prompt properties property protocol purpose quality
    quantity query question queue quota radius range rate ratio reason receipt recipient record recorder
    records rectangle reference region registry release reminder remote report reports request requirement
    reset resolution resource resources response result results review role roles rotation route router row
    rows rule ruler rules sample saturation scale scanner schedule scheme scope screen screens screenshot
    script scroll search second seconds section security selection sender sensor sequence series server
    servers service services session sessions setting settings setup shade shader shadow shape sheet shell
    shift shipment shop shopping shortcut shortcuts sidebar signal site size sizes skin slide slider slides
    slot smudge snapshot software solution sort sound source space speaker specification speed spin split
    spot stage standard start state statement statistics status step steps stock storage store strategy
    stream strength string stroke structure style styles subject subscription sum summary supplier support
    surface swap switch symbol sync system tab table tables tabs tag tags target task tasks team technology
    template templates term terminal terms test text texture theme themes threshold ticket tickets tile
    tiles time timeline timeout timer tip title toggle token tolerance tone tool toolbar toolbox tools
    tooltip topic total touchpad trace track traffic transaction transform transparency trash tray tree
    trigger tutorial type types unit units update updates upload url usage user users utility value values
    variable vector vendor version video view viewer views volume wallet wallpaper warning wave web website
    weight wheel width wifi window windows wizard word words workbench workflow workspace zone zoom
    """.split()  # noqa: SIM905
)
