"""The step that makes the compose system's stock parts ready, on real ones."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from hubs import topics
from hubs.home import SERVICES, Home
from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.parts.postgres import EmbeddedPostgres

PREPARE = Path(__file__).parents[2] / "deploy/compose/prepare.py"


def prepare(kafka: EmbeddedKafka, postgres: EmbeddedPostgres) -> None:
    """Run the step as compose does, with one server in the place of four."""
    passwords = {
        f"{service}_{of}_PASSWORD".upper(): f"{service}-{of}"
        for service in SERVICES
        for of in ("owner", "app", "kafka")
    }
    servers = {f"{service}_POSTGRES_ADMIN".upper(): postgres.url for service in SERVICES}
    env = {**os.environ, **passwords, **servers, "HUBS_KAFKA": str(kafka.admin)}
    subprocess.run([sys.executable, str(PREPARE)], env=env, check=True)


async def tables(postgres: EmbeddedPostgres, service: str, database: str) -> set[str]:
    """Return the tables that a service's app role sees in a database."""
    server = f"127.0.0.1:{postgres.port}"
    connection = await asyncpg.connect(f"postgresql://{service}_app:{service}-app@{server}/{database}")
    try:
        found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row["tablename"] for row in found}
    finally:
        await connection.close()


def test_stock_parts_are_made_ready_and_stay_so(own_home: Home) -> None:
    """Tables, topics and principals are there; run again at the next start, it changes nothing and fails at nothing."""
    kafka, postgres = EmbeddedKafka(own_home), EmbeddedPostgres(own_home)
    try:
        kafka.start()
        postgres.start()

        prepare(kafka, postgres)
        prepare(kafka, postgres)

        for service in SERVICES:
            assert "journal" in asyncio.run(tables(postgres, service, service))
            seen = topics.connect(Login(kafka.bootstrap, service, f"{service}-kafka")).list_topics(timeout=10).topics
            assert len(seen[f"{service}.facts"].partitions) == 12
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            asyncio.run(tables(postgres, "scheduling", "enrolment"))
    finally:
        kafka.stop()
        postgres.stop()
