"""A Kafka and a Postgres that stay up between test runs: `python -m hubs.devstack FOLDER`.

Prints the two settings that make the tests use them, and stops both on INT or TERM.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka
from hubs.parts.postgres import EmbeddedPostgres

# Tests throw their databases away; only a crash of the machine itself could tell the difference.
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "400"}


@contextmanager
def standing(home: Home) -> Iterator[tuple[EmbeddedKafka, EmbeddedPostgres]]:
    """Keep both up for the length of the block, on free ports."""
    home.prepare()
    kafka, postgres = EmbeddedKafka(home), EmbeddedPostgres(home, settings=QUICK)
    try:
        postgres.start()
        kafka.start()
        yield kafka, postgres
    finally:
        kafka.stop()
        postgres.stop()


def main(folder: str) -> None:
    """Run both until told to stop."""
    home = Home.at(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with home.claimed(), standing(home) as (kafka, postgres):
        print(f"export HUBS_TEST_KAFKA={kafka.admin} HUBS_TEST_POSTGRES={postgres.url}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
