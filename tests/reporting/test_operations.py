"""`/ops`: how far every consumer group is, and the way to each service's page."""

import time

import httpx

from mathshubs.events.enrolment.hubs import ApiKeyRevoked
from mathshubs.ids import new_id
from mathshubs.keys import Claim
from mathshubs.postgres import Pool
from reading_pages import words_of
from reporting.desk.domain.groups import Standings, Watch
from reporting.desk.views.keys import is_revoked
from reporting_story import OCTOBER, Story, deliver


async def test_what_each_group_has_not_heard(visitor: httpx.AsyncClient, watch: Watch) -> None:
    """In records, and for how long the first of them has been there."""
    place, now = ("scheduling.facts", 0), time.monotonic()
    watch.saw(Standings({"notification.facts": {place: 3}}, {place: 3}), now - 90)
    watch.saw(Standings({"notification.facts": {place: 3}}, {place: 4}), now - 60)
    watch.saw(Standings({"notification.facts": {place: 3}, "reporting.log": {place: 5}}, {place: 5}), now)

    page = await visitor.get("/ops")

    said = words_of(page.text)
    assert "notification.facts 1 minute 2 reporting.log Up to date 0" in said
    assert 'href="/ops/notification"' in page.text


async def test_while_kafka_is_silent_nobody_is_called_up_to_date(visitor: httpx.AsyncClient, watch: Watch) -> None:
    """What stood there a minute ago may be wrong by now."""
    place = ("scheduling.facts", 0)
    watch.saw(Standings({"reporting.log": {place: 5}}, {place: 5}), time.monotonic() - 60)

    assert "Kafka has not said for a while how far each group is" in words_of((await visitor.get("/ops")).text)


async def test_before_anything_was_heard(visitor: httpx.AsyncClient) -> None:
    """It says that it is so."""
    assert "No group has heard anything yet" in words_of((await visitor.get("/ops")).text)


async def test_a_revoked_key_opens_reportings_page_no_more(pool: Pool) -> None:
    """As soon as that was heard."""
    claim, other = Claim(new_id(), None), Claim(new_id(), None)
    revoked = ApiKeyRevoked(effective_at=OCTOBER, code="national", key_id=claim.key_id)
    await deliver(pool, Story().tell(revoked).said)

    assert (await is_revoked(pool, claim), await is_revoked(pool, other)) == (True, False)
