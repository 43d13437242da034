"""Which ancestry groups the studies of a country usually state.

A statement about the literature of genetic association, not about the people of a country.
Countries whose studies state many groups (Brazil, the United Kingdom, the United States and others)
are left out, and nothing is said about them. Words are the plainest that tables use.
"""

from __future__ import annotations

#: Words of ancestry groups, by the broad group that each belongs to.
WORDS: dict[str, str] = {
    "european": "European",
    "caucasian": "European",
    "white": "European",
    "east asian": "East Asian",
    "chinese": "East Asian",
    "han": "East Asian",
    "han chinese": "East Asian",
    "japanese": "East Asian",
    "korean": "East Asian",
    "taiwanese": "East Asian",
    "southeast asian": "Southeast Asian",
    "south east asian": "Southeast Asian",
    "south asian": "South Asian",
    "indian": "South Asian",
    "asian indian": "South Asian",
    "asian": "Asian",
    "middle eastern": "Middle Eastern",
    "arab": "Middle Eastern",
    "african": "African",
    "black": "African",
    "sub saharan african": "African",
    "hispanic": "Latin American",
    "latin american": "Latin American",
    "latino": "Latin American",
}

_EUROPE = frozenset(["European"])
_EAST_ASIA = frozenset(["East Asian", "Asian"])
_SOUTHEAST_ASIA = frozenset(["Southeast Asian", "East Asian", "Asian"])
_SOUTH_ASIA = frozenset(["South Asian", "Asian", "European"])
# Reviews call these studies Asian, Caucasian or African as often as Middle Eastern.
_WEST_ASIA = frozenset(["Middle Eastern", "Asian", "European"])
_NORTH_AFRICA = frozenset(["Middle Eastern", "African", "European"])
_AFRICA = frozenset(["African"])

_BY_GROUPS: dict[frozenset[str], str] = {
    _EUROPE: "austria, belarus, bulgaria, croatia, czech republic, czechia, denmark, estonia, "
    "finland, germany, greece, hungary, iceland, ireland, italy, latvia, lithuania, "
    "macedonia, north macedonia, norway, poland, portugal, romania, russia, serbia, slovakia, "
    "slovenia, spain, sweden, switzerland, ukraine",
    _EAST_ASIA: "china, mainland china, pr china, japan, korea, south korea, republic of korea, "
    "north korea, taiwan, hong kong, mongolia",
    _SOUTHEAST_ASIA: "thailand, vietnam, indonesia, philippines, cambodia, laos, myanmar",
    _SOUTH_ASIA: "india, pakistan, bangladesh, sri lanka, nepal",
    _WEST_ASIA: "iran, iraq, turkey, türkiye, syria, lebanon, jordan, palestine, saudi arabia, "
    "yemen, kuwait, oman, afghanistan, azerbaijan, armenia",
    _NORTH_AFRICA: "egypt, libya, tunisia, algeria, morocco, sudan",
    _AFRICA: "nigeria, ghana, kenya, uganda, senegal, cameroon, ethiopia, mali, gambia, "
    "tanzania, burkina faso, ivory coast, côte d'ivoire",
}
#: The groups that studies of a country usually state.
USUAL: dict[str, frozenset[str]] = {
    country: groups for groups, names in _BY_GROUPS.items() for country in names.split(", ")
}
#: Words that are right as they are, so that one is not taken for another misspelt.
KNOWN = frozenset(
    word
    for label in (
        *WORDS,
        *USUAL,
        "austrian australian australia albanian algerian nigerian nigerien iranian indian "
        "indonesian slovenian slovakian slovak slovene serbian siberian mongolian malian malayan "
        "malaysian moroccan mexican american brazilian italian spanish german danish swedish "
        "finnish polish turkish romanian roman jordanian palestinian persian pakistani tunisian "
        "hispanic ghanaian guinean gambian zambian colombian bolivian cambodian caribbean "
        "colombia columbia",
    )
    for word in label.replace("'", " ").split()
)
