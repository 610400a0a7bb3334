"""A fault of the database's own: for a while it will not keep a meeting at one place.

A service has no door that makes it fail, and shall have none. So the fault is laid where faults come from: a trigger
that raises, put into this run's own scheduling database by its owner, as a bad migration would. The service meets an
exception that it did not expect.
"""

from typing import Final

import psycopg

from hubs.home import Home
from hubs.parts.postgres import service_url
from hubs.wiring import Reach

WHERE: Final = "scheduling"
BREAK: Final = """
    CREATE FUNCTION lose_the_old_library() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a fault of the demonstration'; END $$;
    CREATE TRIGGER lose_the_old_library BEFORE INSERT ON meetings
       FOR EACH ROW WHEN (NEW.place = 'The Old Library') EXECUTE FUNCTION lose_the_old_library();
"""
MEND: Final = "DROP FUNCTION lose_the_old_library() CASCADE"


def lay(home: Home) -> None:
    """Have the database refuse it."""
    _as_owner(home, BREAK)


def mend(home: Home) -> None:
    """Have the database take it again."""
    _as_owner(home, MEND)


def _as_owner(home: Home, statement: str) -> None:
    url = service_url(Reach.of(home).postgres, home.secrets, WHERE, "owner")
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as db:
        db.execute(statement)
