"""Names of people who do not exist: more than the whole network needs, and no two alike."""

from collections.abc import Iterator
from itertools import product
from random import Random

FIRST_NAMES = (
    *("Ada", "Amara", "Anwen", "Bilal", "Bram", "Cass", "Catrin", "Cyrus", "Dara", "Dilys", "Ebele", "Emlyn"),
    *("Esme", "Farah", "Fergus", "Gita", "Gus", "Hana", "Hari", "Idris", "Ines", "Ivo", "Jory", "Juno"),
    *("Kavi", "Kezia", "Leila", "Lorcan", "Mabel", "Marek", "Meera", "Nadia", "Niall", "Nuala", "Oren", "Orla"),
    *("Pavel", "Petra", "Ravi", "Rhona", "Sabine", "Selim", "Tamsin", "Tariq", "Una", "Viktor", "Wanda", "Zora"),
)
LAST_NAMES = (
    *("Applegarth", "Ashdown", "Birdsong", "Bramwell", "Copperfield", "Cresswell", "Dewhurst", "Dunmore"),
    *("Elmhurst", "Everglade", "Fairweather", "Fernihough", "Gladwyn", "Greenwood", "Hawksworth", "Hollins"),
    *("Inglewood", "Ironside", "Juniper", "Keepsake", "Kestrel", "Kingfisher", "Larkspur", "Lightfoot"),
    *("Merriweather", "Moonraker", "Nightingale", "Northwood", "Oakenshaw", "Otterburn", "Peppercorn", "Quickset"),
    *("Ravenhill", "Rosewarne", "Sandpiper", "Silverdale", "Skylark", "Snowdrop", "Stonechat", "Summerfield"),
    *("Thistlewood", "Underwood", "Vervain", "Wagstaff", "Wheatear", "Whitethorn", "Winterbourne", "Yewdale"),
)


def names(chance: Random) -> Iterator[str]:
    """Yield full names in the order of `chance`, each once; 2,304 of them."""
    every = [" ".join(both) for both in product(FIRST_NAMES, LAST_NAMES)]
    chance.shuffle(every)
    yield from every
