"""First names that are words as well, or stand among words for somebody who bore them: grace, anna.

Only these need a list. Every other name is told by being no word.
"""

from __future__ import annotations

GIVEN = frozenset(
    """
    aaron abe abraham adam adelaide adrian al albert alexander alexia alfred ali alonso amber ambrose amelia
    amos ana andrew angel angela angelica anna anne anthony antony april arnold art arthur ashton august
    augustine aurora austin barb bart basil beatrice beau ben benedict benjamin bennett bernard beth bethel
    betty bill billy blair bob bobby bonnie brad bradley brandy brent bridget britt brittany brook brooke
    bruce bruno bryan buck burt calvin carlos carmen carol caroline carter cassandra catherine charity
    charles charlie charlotte chase chester chip christian christie christopher chuck clarence clark clay
    clement clementine cliff clive clyde cody colette colleen conrad constance constantine cooper cora
    crystal cynthia cyril cyrus daisy dakota dale damon dan dana daniel dante daphne darwin dave david dawn
    dawson dean denver derrick destiny diana dick dirk dolly dolores dominic don donna doris dorothy doug
    douglas drew duncan dylan earl eddy edgar edith edmund edward edwin elena elias elijah elisa elizabeth
    ellis emerson emilia emma eric erica erin ernst esther ethel eugene eva evan eve ezra fabian faith
    fatima felicity felix ferdinand fern flora florence ford frances francis franco frank frederick gabriel
    gail gary gemma gene geoffrey george georgia gerald gilbert gill ginger glen glenn grace grant gregory
    guy hakim haley hans harold harriet harris harry harvey hazel heath heather hector helen helena henry
    herb herbert herman hermann homer hope horace howard hugh hugo hunter ibrahim ida ignatius inga ira
    irena irene iris irma irving isaac isabella isaiah israel ivy jack jackson jacob jade james jane jared
    jasmine jason jasper jay jean jeff jefferson jennifer jenny jeremiah jerome jerry jesse jesus jewel jill
    jim jimmy joan joe joel john johnny johnson jonah jonathan jones jordan joseph josephine josh joshua joy
    joyce juan judah jude judith julia julian julie june karen karl kate katherine keith kelly kelvin ken
    kendall kennedy kent kevin kimberley kirk kitty krishna lakshmi lance larry laura laurel lawrence leah
    lee leigh lena leo leon leonard leonardo lewis lillian lily lincoln linda lindsay lisa liza lloyd logan
    lola loren lorraine louis lucas lucy luke luna luther lydia mackenzie madeleine madison magdalena malik
    manuel marc marcel marcus margaret margarita marge maria marian marie marina mario mark marsha martha
    martin mary mason mathias matt matthew maurice max maxwell may maya melissa melody mercedes mercy
    meredith merle micah michael mickey mike miles milton mina minerva miranda miriam mitchell mohammad
    mohammed molly mona monica morgan morris moses muhammad murphy murray myrtle nadia nan nancy naomi
    natalie nathan nathaniel neil nelly nelson nestor nicholas nick nina noah noel nora norm norma norman
    olive oliver olivia olympia opal orlando oscar otis owen pamela parker pat patience patricia patrick
    patsy paul paula pauline pearl peg penny percy perry pete peter philip phoebe phyllis piper polly
    preston quentin quincy rachel ralph ramona randy raphael raven ray raymond rebecca reed regina reginald
    reid reuben rex rhea ricardo rich richard rick ricky rob robert robin roger roland roman romeo ron
    ronald rosa rosario rose rosemary ross roy ruby rudolf rufus rupert russell rusty ruth ryan sally
    salvador sam samantha samson samuel sandra sandy santiago santos sarah saul savannah scott sean
    sebastian selma serena seth shannon sharon shaun shawn sheila shelley sherman sherry sherwood sidney
    silvia simon simone skip sofia solomon sonia sonny sophia stanley stella stephanie stephen sterling
    steve steven stewart stuart sue summer susan susanna sydney sylvia tammy tanner tara taylor ted teddy
    terence teresa terry thea thelma theodore theresa thomas thompson tiffany tim timothy tobias toby todd
    tom tommy tony tracy travis trent trevor trinity tristan troy tyler tyson ulysses valentine valerie
    vanessa vera vernon veronica vicky victor victoria vincent viola violet virgil virginia vivian wade
    wallace wally walter wanda ward warren wayne wendy wesley whitney wilfred will willard william williams
    willis wilson winston woody xavier yolanda yvonne zoe
    """.split()  # noqa: SIM905
)
