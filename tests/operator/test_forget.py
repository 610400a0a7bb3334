"""`hubs forget` where something is in its way: it says what, in the manner that was asked for."""

from dataclasses import asdict
from uuid import UUID

import pytest

from hubs.forgetting.knowing import Known
from hubs.forgetting.remembering import unfinished
from hubs.home import SERVICES, Home, keep
from hubs.parts.kafka import Login
from hubs.ports import free_port
from hubs.topics import DEFAULT
from operators_desk import Operator

AMINA = UUID("3f0c2e6e-8a57-5d0e-9d52-0d4a4b3c2f11")


async def test_a_part_that_is_away_is_said_as_json(held_home: Home) -> None:
    """Nothing was begun, so nothing is unfinished either."""
    port = free_port()
    urls = {service: f"postgresql://{service}@127.0.0.1:{port}/{service}" for service in SERVICES}
    keep(held_home.ready, {"postgres": urls, "http": {}, "pids": {}, "inbox": ""})
    kafka, layout = asdict(Login(f"127.0.0.1:{port}")), asdict(DEFAULT) | {"erasure_window": 60}
    keep(held_home.admin, {"kafka": kafka, "postgres": "", "layout": layout})

    said = await Operator(held_home).reads("forget", str(AMINA), "--why", "asked us to", status=1)

    assert said["error"]["code"] == "part-away"
    assert "run again" in said["error"]["message"]
    assert unfinished(held_home) == frozenset()


@pytest.mark.parametrize(
    ("reason", "names_her"),
    [
        ("asked us to on 3 March", False),
        ("Amina asked us to", True),
        ("the KHAN case", True),
        ("see amina.khan@elmpark.example", True),
        ("TRN 1234567", True),
        ("the aminata of Oak Park", False),
    ],
)
def test_a_reason_names_her_by_a_part_of_her_name_too(reason: str, names_her: bool) -> None:
    """It is kept for ever, where nobody can change it."""
    words = frozenset({"Amina Khan", "amina.khan@elmpark.example", "1234567"})

    assert Known(AMINA, frozenset(), frozenset({AMINA}), words).in_words(reason) is names_her
