"""Surnames that are words as well, as many people bear them: baker, stone.

Like first names (`given_names`), only these need a list; where it is asked, a word of the dictionary that
stands in neither is taken for the word.
"""

from __future__ import annotations

SURNAMES = frozenset(
    """
    abbot archer armour ash bacon badger bailey baker ball banks barber barker barley barn barrow bass
    bates battle bay beach bean bear beard beck bell bench berry best bird bishop black blackwell blank
    bloom blue board boggs bolt bond bone booth bow bowers bowl bowman box boy boycott branch brand bray
    brewer bridge bridges briggs bright broad brook brooks brown browning bruce brush buck bull bullock
    burden burke burn burns burrow bush butcher butler butter byrd cain camp cannon cantor card
    carpenter carter carver case cash castle chambers chance chandler chapel chaplain chapman chase
    cheese cherry child christmas church clay clements close coffey coffin coke cole collier colt comb
    combs comfort cook cooper cope corn corner cotton couch court coward cox craft crane crook cross
    crow crown cruise curry curt cutter dale dance darling dash daw dawn day dean deer dew diamond dove
    down downs drake draper drummer duck duke dyer eagle earl early east easter elder england english
    fair fairbanks falcon farmer farrow fawn feather fellows fern field fields finch fine firth fish
    fisher fisherman fitch flag flannery fletcher flint flood flower flowers fog folk foot ford forest
    forester forge foster fowler fox franks freed freeman french friend frost fry frye fuller furlong
    gable gage gaines gamble game gardener gardner garland garner garrison gates gay glass glazier
    glover gold golden good goodman gore gorge goss grain granger grave graves gray green greenfield
    grey griffin grim grimes gross grove groves gunner hackney hail hale hall hammer hammock hand handy
    harding hardy hare harp hart harvest hatch hatcher hawk hawker hawkins hay hayes hays head heard
    hearst hearth hedge hedges held helm hen herd hermit heron herring hick hicks hide high hill hills
    hind hoar hobby hogg holiday holland hollow holly holm holt homer honey hood hook hooker hooper
    hoover hope hopper horn horner horse house howe huff hull hunt hunter hurst hyde ice iron ivory jack
    jewel joiner joy jury justice keen keep keeper kid kidd king kirk kite knapp knight knott lake lam
    lamb lance land lane large lark law lawn lawyer lay leach leaf leap lent levy light lilly link lion
    little livings lock locke loft long lord love low lowe luck lynch lyon mac mace madden major maker
    man manly mansfield maple march mark marker marks marsh marshal marshall mason masters may mayor
    meadow meadows mercer merchant merry mill miller mills miner mint monk moody moon moor moore moose
    morales moss mount mountain mustard nail nash naylor neat needle new newcomer newman nightingale
    noble noon north nutter oak oakes oats olive orchard organ ox pace pack packer page paine palm
    palmer park parks parrot parson parsons partridge patch paw payne peacock pearl pease peck peel
    pepper perch perk petty phoenix pickle piddle pierce pike pile pilgrim pill pine piper pitt place
    plank plant platt player plum plumb plumber pole pollard pond pool poole poor pope porter post pott
    potter potts pound powder powers prentice press price pride priest prime prince prior proctor
    prophet proud purchase purse quick rabbit rain rainbow ram ranger rankin raven ray read reader
    reading reed reeve reeves rice rich rickets riddle rider ridge ring ripple rivers roach roads robin
    rock roe rogue rood rook root rope rose rush russet rust rye sadler sage sailor sale salmon salt
    sand sands savage sawyer sayer school scrivener seal sears self sellers sergeant sexton shade sharp
    shaw sheen shepherd shield shields ship shoemaker shore short shot shoulder silver simmer sing
    singer singleton skeleton skinner slater slaughter small smart smith snider snow snows sole somer
    son spark sparks sparrow spear spears speed speer spencer spicer spiller spooner spring springer
    squire stable stafford stag stamp stark starling steed steel steele stern steward stock stoker
    stokes stone storey storm stout strand strange street strong sugar summer summers sun swan sweat
    sweet swift tailor tanner taylor teal tear temple thatcher thorn thorne tiller tipper todd toll
    tombs towers towns trail trapper travers treasure tree trees trench trip trout trump tuck tucker
    turner twist underhill underwood vale valley van vane vest vicar vine violet viper waggoner waite
    wake walker wall waller walls walnut ward warden ware warner water waters watt way weaver webb
    webster weeks weir welch welcome well wells west wheat wheeler whip white whiting wild wilder wilds
    wiles winch wind winder window wine wing winters wise witch wolf wood woodcock wooden woodman woods
    woodward wool workman worth wren wright yard yarrow yeoman york young younger
    """.split()  # noqa: SIM905
)
