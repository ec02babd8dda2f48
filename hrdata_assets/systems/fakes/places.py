"""Where people live, what companies are called; every company and domain is invented."""

from collections.abc import Mapping

from hrdata_assets.systems.flowcase.fake_files import listed
from hrdata_assets.systems.flowcase.fake_people import Ints, fold

CITIES: tuple[tuple[str, ...], ...] = tuple(
    tuple(listed(cities))
    for cities in (
        "Oslo / Bergen / Trondheim / Stavanger / Tromsø / Bodø / Ålesund / Mo i Rana",
        "Stockholm / Göteborg / Malmö / Uppsala / Umeå / Örebro / Luleå / Växjö",
        "København / Aarhus / Odense / Aalborg / Esbjerg / Randers / Hillerød / Køge",
        "Helsinki / Espoo / Tampere / Turku / Oulu / Jyväskylä / Hämeenlinna / Kuopio",
        "Warszawa / Kraków / Łódź / Wrocław / Poznań / Gdańsk / Bielsko-Biała / Rzeszów",
        "London / Leeds / Bristol / Glasgow / Cardiff / Belfast / Stratford-upon-Avon / King's Lynn",
        "Berlin / München / Köln / Düsseldorf / Nürnberg / Münster / Frankfurt am Main / Lübeck",
        "Mumbai / Pune / Bengaluru / Hyderabad / Chennai / Delhi / Kochi / Jaipur",
    )
)
"""By culture, as many for each."""

CURRENCIES: Mapping[str, tuple[str, int]] = {
    "NO": ("NOK", 700), "SE": ("SEK", 560), "DK": ("DKK", 620), "FI": ("EUR", 60),
    "PL": ("PLN", 180), "GB": ("GBP", 62), "DE": ("EUR", 72), "IN": ("INR", 2400),
}  # fmt: skip
"""By country: what people are paid in, and thousands of it that a year in the middle of a career earns."""

INDUSTRIES = (
    *("Energy", "Banking", "Health Care", "Public Sector", "Transport", "Retail", "Telecom", "Seafood"),
    *("Insurance", "Manufacturing", "Education", "Software"),
)

PRIVATE_DOMAINS = ("mail.example", "post.example", "inbox.example", "letters.example")

_FIRST = listed(
    "Amber / Granite / Skerry / Tundra / Kestrel / Nordlys / Solvik / Heron / Lantern / Birch / Copper / Harbour / "
    "Falcon / Meadow / Silver / Willow / Ember / Glacier / Juniper / Marble / Osprey / Pine / Quarry / Raven / Slate / "
    "Thistle / Umbra / Velvet / Walnut / Zenith / Ærfugl / Østre / Göta / Łabędź / Käpy / Fjord / Aurora / Basalt / "
    "Cedar / Dune"
)
_SECOND = listed(
    "Energy / Bank / Clinics / Ferries / Stores / Mobile / Fisheries / Mutual / Works / Academy / Software / Rail / "
    "Foods / Power / Logistics / Media / Textiles / Labs / Shipping / Forestry / Water / Chemicals / Optics / Tools / "
    "Homes / Insurance / Travel / Games / Robotics / Paper / Steel / Glass / Dairy / Bikes / Motors / Air / Security / "
    "Partners & Co. / Brothers' / Systems"
)
_GROUPS = ("", " Group", " North", " South", " International", " Holding")


def company_names(numbers: Ints) -> list[str]:
    """Names of companies, never the same for two numbers."""
    return [_name(number) for number in numbers.tolist()]


def _name(number: int) -> str:
    # Neighbours should not share a word: the second one moves along with the first.
    rest, first = divmod(number, len(_FIRST))
    round_, second = divmod(rest, len(_SECOND))
    word = _SECOND[(second + first * 7) % len(_SECOND)]
    group = _GROUPS[round_] if round_ < len(_GROUPS) else f" {round_}"
    return f"{_FIRST[first]} {word}{group}"


def domain_of(name: str) -> str:
    """Domain of a company, as unique as its name."""
    return "-".join(fold(part) for part in name.split() if fold(part)) + ".example"
