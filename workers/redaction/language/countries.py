"""The world's countries, and the states, provinces and counties of English-speaking ones: closed lists.

A model knows them only in part. Left out are those that are a person's name or a thing first of all (Chad,
Victoria, Turkey, Down): the model and the words about them tell these.
"""

import regex

_NAMES = """
Afghanistan, Albania, Algeria, Andorra, Angola, Argentina, Armenia, Australia, Austria, Azerbaijan, Bahamas,
Bahrain, Bangladesh, Barbados, Belarus, Belgium, Belize, Benin, Bhutan, Bolivia, Bosnia and Herzegovina,
Botswana, Brazil, Brunei, Bulgaria, Burkina Faso, Burundi, Cambodia, Cameroon, Canada, Cape Verde, Central
African Republic, Chile, China, Colombia, Comoros, Costa Rica, Croatia, Cuba, Cyprus, Czechia, Czech
Republic, Denmark, Djibouti, Dominican Republic, East Timor, Ecuador, Egypt, El Salvador, Equatorial Guinea,
Eritrea, Estonia, Eswatini, Ethiopia, Fiji, Finland, France, Gabon, Gambia, Germany, Ghana, Greece,
Greenland, Grenada, Guatemala, Guinea, Guyana, Haiti, Honduras, Hungary, Iceland, India, Indonesia, Iran,
Iraq, Ireland, Israel, Italy, Ivory Coast, Jamaica, Japan, Kazakhstan, Kenya, Kiribati, Kosovo, Kuwait,
Kyrgyzstan, Laos, Latvia, Lebanon, Lesotho, Liberia, Libya, Liechtenstein, Lithuania, Luxembourg,
Madagascar, Malawi, Malaysia, Maldives, Mali, Malta, Mauritania, Mauritius, Mexico, Micronesia, Moldova,
Monaco, Mongolia, Montenegro, Morocco, Mozambique, Myanmar, Namibia, Nauru, Nepal, Netherlands, New Zealand,
Nicaragua, Niger, Nigeria, North Korea, North Macedonia, Norway, Oman, Pakistan, Palau, Palestine, Panama,
Papua New Guinea, Paraguay, Peru, Philippines, Poland, Portugal, Puerto Rico, Qatar, Romania, Russia,
Rwanda, Samoa, San Marino, Saudi Arabia, Scotland, Senegal, Serbia, Seychelles, Sierra Leone, Singapore,
Slovakia, Slovenia, Solomon Islands, Somalia, South Africa, South Korea, South Sudan, Spain, Sri Lanka,
Sudan, Suriname, Sweden, Switzerland, Syria, Taiwan, Tajikistan, Tanzania, Thailand, Togo, Tonga, Trinidad
and Tobago, Tunisia, Turkmenistan, Tuvalu, Uganda, Ukraine, United Arab Emirates, United Kingdom, United
States of America, United States, Uruguay, Uzbekistan, Vanuatu, Venezuela, Vietnam, Yemen, Zambia, Zimbabwe
"""
_ALIASES = """
USA, U.S.A., U.S., UK, U.K., UAE, Great Britain, Britain, England, Wales, Northern Ireland, Holland, Korea,
Burma, Congo, Côte d'Ivoire, Türkiye, Bosnia, Herzegovina, Antigua and Barbuda, Antigua, Saint Lucia, Saint
Kitts and Nevis, Saint Vincent and the Grenadines, São Tomé and Príncipe, Marshall Islands, Vatican City,
Holy See, Hong Kong, Macau, Macao, Faroe Islands, Isle of Man, Guernsey, Gibraltar, Bermuda, Cayman Islands,
British Virgin Islands, Falkland Islands, French Polynesia, French Guiana, Guadeloupe, Martinique, Réunion,
Aruba, Curaçao, Guam, American Samoa, New Caledonia, Western Sahara, Cook Islands, Anguilla, Russian
Federation, Viet Nam, Macedonia, Swaziland, Saint Helena, Åland Islands, Svalbard
"""
_STATES = """
Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, District of Columbia,
Florida, Hawaii, Idaho, Illinois, Indiana, Iowa, Kansas, Kentucky, Louisiana, Maine, Maryland,
Massachusetts, Michigan, Minnesota, Mississippi, Missouri, Montana, Nebraska, Nevada, New Hampshire, New
Jersey, New Mexico, New York, North Carolina, North Dakota, Ohio, Oklahoma, Oregon, Pennsylvania, Rhode
Island, South Carolina, South Dakota, Tennessee, Texas, Utah, Vermont, Washington, West Virginia, Wisconsin,
Wyoming, Alberta, British Columbia, Manitoba, New Brunswick, Newfoundland and Labrador, Newfoundland,
Labrador, Northwest Territories, Nova Scotia, Nunavut, Ontario, Prince Edward Island, Quebec, Québec,
Saskatchewan, Yukon, New South Wales, Queensland, South Australia, Tasmania, Western Australia, Northern
Territory, Australian Capital Territory
"""
_COUNTIES = """
Cornwall, Cumbria, Devon, Dorset, Durham, East Sussex, West Sussex, Sussex, Essex, Greater London, Greater
Manchester, Isle of Wight, Kent, Merseyside, Middlesex, Norfolk, Northumberland, Rutland, Somerset, Suffolk,
Surrey, Tyne and Wear, West Midlands, North Yorkshire, South Yorkshire, West Yorkshire, East Yorkshire,
Anglesey, Ceredigion, Clwyd, Dyfed, Gwent, Gwynedd, Powys, Glamorgan, Angus, Argyll, Argyll and Bute,
Clackmannanshire, Dumfries and Galloway, Fife, East Lothian, West Lothian, Midlothian, Moray, Orkney,
Shetland, Scottish Borders, Antrim, Armagh, Fermanagh, Tyrone
"""
# As a postcode's or a comma's neighbour only: IN, OR and ME are words first of all.
_SHORT = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH
OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP AA AE AP AB BC MB NB NL NS NT NU ON PE QC SK YT
NSW QLD TAS VIC ACT
"""


def _listed(names: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in names.split(","))


COUNTRIES = (*_listed(_NAMES), *_listed(_ALIASES))
STATES = (*_listed(_STATES), *_listed(_COUNTIES))
SHORT_STATES = frozenset(_SHORT.split())
_ANY = "|".join(regex.escape(name) for name in sorted({*COUNTRIES, *STATES}, key=len, reverse=True))
# A county by its ending, and what a list of countries adds to a name: Cyprus (Greek).
NAMED = regex.compile(
    rf"(?<![\p{{L}}\-])(?:{_ANY}|\p{{Lu}}\p{{Ll}}+shire)(?: \(\p{{Lu}}\p{{L}}+\))?(?![\p{{L}}\-])"
)
