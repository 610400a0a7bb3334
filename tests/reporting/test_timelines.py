"""What came of one report: for the hub that sent it, and for whoever looks for what went wrong."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from mathshubs.events import Event
from mathshubs.events.enrolment.participation import SchoolJoinRefused
from mathshubs.events.notification.deliveries import MessageNotSent, MessageQueued, MessageSettled
from mathshubs.events.scheduling.meetings import PersonInvited
from mathshubs.postgres import Pool
from mathshubs.topics import FACTS
from reporting.desk.domain.groups import Standings, Watch
from reporting_story import (
    AMINA,
    ASH_GROVE,
    GROUP_3,
    HIGH_FELLS,
    NOVEMBER,
    OCTOBER,
    REFERENCES,
    RIVER_VALE,
    SEPTEMBER,
    YEAR,
    deliver,
    named,
    october,
    scheduled,
)

SENT = "0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e"
MEETING = named("november meeting")
DELIVERY = named("mail to amina")
HOUR = timedelta(hours=1)
PAGE = {"accept": "text/html"}


def invited(person: UUID) -> PersonInvited:
    """Somebody is to be told of the November meeting."""
    return PersonInvited(effective_at=OCTOBER, hub=RIVER_VALE, meeting_id=MEETING, person_id=person, role="advocate")


def mail(**settled: Any) -> Event:  # noqa: ANN401 -- any field of what became of it
    """A mail of the November meeting: queued, or settled where it says how."""
    about: dict[str, Any] = {"delivery_id": DELIVERY, "person_id": AMINA, "meeting_id": MEETING, "kind": "invitation"}
    kind = MessageSettled if settled else MessageQueued
    return kind(effective_at=OCTOBER, **about, **settled)


async def planned(pool: Pool, correlation: str = SENT) -> None:
    """A meeting was reported: scheduling decided, notification wrote a mail and sent it."""
    sent_at = OCTOBER + 2 * HOUR
    story = october().came_of(correlation)
    story.tell(scheduled(MEETING, GROUP_3, RIVER_VALE, NOVEMBER), invited(AMINA), at=OCTOBER)
    story.tell(mail(), at=OCTOBER + HOUR)
    story.tell(mail(status="delivered", queued_at=OCTOBER + HOUR, handed_at=sent_at), at=sent_at)
    await deliver(pool, story.said)


async def test_from_the_report_to_the_mail(visitor: httpx.AsyncClient, pool: Pool, watch: Watch) -> None:
    """Each step with its time; whom a mail goes to is nobody's business here."""
    await planned(pool)
    first = await pool.fetchval('SELECT min("offset") FROM event_log WHERE correlation = $1', SENT)
    place = ("scheduling.facts", 0)
    committed = {"notification.facts": {place: first + 1}, "reporting.log": {place: first + 2}}
    watch.saw(Standings(committed, {place: first + 2}), 1.0)

    answer = (await visitor.get(f"/v1/timelines/{SENT}", params={"hub": RIVER_VALE})).json()

    assert answer["state"] == "applied"
    assert [fact["said"] for fact in answer["decided"]] == [
        "River Vale Work Group 3 will meet 2pm to 4.30pm, Thursday 12 November",
        "Person invited",
    ]
    assert answer["heard"] == [
        {"group": "notification.facts", "facts": 2, "heard": 1},
        {"group": "reporting.log", "facts": 2, "heard": 2},
    ]
    assert [(mail["kind"], mail["status"]) for mail in answer["mails"]] == [("invitation", "delivered")]
    assert answer["said"] == "It took effect. Not heard yet by notification. 1 of 1 mail sent."
    assert str(AMINA) not in str(answer)


async def test_a_mail_that_was_spared_waits_no_more(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """A newer one took its place: it is no fact of its own, and not said to be on its way for ever."""
    about: dict[str, Any] = {"delivery_id": DELIVERY, "person_id": AMINA, "meeting_id": MEETING, "kind": "invitation"}
    spared = MessageNotSent(effective_at=OCTOBER, reason="superseded", **about)
    story = october().came_of(SENT).tell(scheduled(MEETING, GROUP_3, RIVER_VALE, NOVEMBER), at=OCTOBER)
    await deliver(pool, story.tell(mail(), at=OCTOBER + HOUR).tell(spared, at=OCTOBER + 2 * HOUR).said)

    answer = (await visitor.get(f"/v1/timelines/{SENT}", params={"hub": RIVER_VALE})).json()
    page = (await visitor.get(f"/v1/timelines/{SENT}", headers={"accept": "text/html"})).text

    assert [(one["status"], one["why"]) for one in answer["mails"]] == [("not-sent", "superseded")]
    assert (len(answer["decided"]), answer["said"]) == (1, "It took effect. 1 mail left unsent: superseded.")
    assert ("not sent (superseded)" in page, "not sent yet" in page) == (True, False)


async def test_a_refusal_with_what_to_do(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """The reason's words are those of the receipt."""
    refused = SchoolJoinRefused(
        effective_at=SEPTEMBER,
        hub=RIVER_VALE,
        school_year=YEAR,
        work_group_id=GROUP_3,
        school_urn=ASH_GROVE,
        reasons=("school-unknown",),
    )
    await deliver(pool, october().came_of(SENT).tell(refused).said)

    answer = (await visitor.get(f"/v1/timelines/{SENT}")).json()

    [fact] = answer["decided"]
    assert (answer["state"], fact["outcome"]) == ("refused", "refused")
    assert fact["reasons"] == [
        {
            "code": "school-unknown",
            "message": "The register has no school with this URN; check it, or import a newer register.",
        }
    ]


async def test_a_hubs_own_words_for_an_event_are_found_again(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """The log holds a number made of them, and another hub's same words are another number."""
    await planned(pool, REFERENCES.unnamed(RIVER_VALE, "visit/7"))

    found = await visitor.get("/v1/timelines/visit%2F7", params={"hub": RIVER_VALE})
    other = await visitor.get("/v1/timelines/visit%2F7", params={"hub": HIGH_FELLS})
    unsaid = await visitor.get("/v1/timelines/visit%2F7")

    assert (found.json()["event_id"], found.json()["state"]) == ("visit/7", "applied")
    assert other.json()["state"] is None
    assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "hub-needed")


async def test_of_another_hub_with_the_same_id_nothing_is_told(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Ids are told apart by hub: what River Vale sent under it is not what High Fells asks for."""
    await planned(pool)

    answer = (await visitor.get(f"/v1/timelines/{SENT}", params={"hub": HIGH_FELLS})).json()

    assert [fact["type"] for fact in answer["decided"]] == []


async def test_what_nobody_has_decided_yet_is_said_to_be_so(visitor: httpx.AsyncClient, watch: Watch) -> None:
    """The door took it a moment ago: that is no reason to say that there is no such report."""
    place = (f"hubs.{RIVER_VALE}.events", 0)
    watch.saw(Standings({"enrolment.hubs": {place: 3}, "scheduling.hubs": {place: 5}}, {place: 5}), 1.0)

    answer = (await visitor.get(f"/v1/timelines/{SENT}", params={"hub": RIVER_VALE})).json()

    assert answer["state"] is None
    assert answer["said"] == "Not decided yet. 2 reports of this hub may stand before it."


async def test_an_id_that_nobody_knows(visitor: httpx.AsyncClient, behind: dict[str, float]) -> None:
    """With all heard there is nothing to wait for; it says where else to look."""
    behind |= dict.fromkeys(FACTS, 0.0)
    answer = await visitor.get(f"/v1/timelines/{SENT}", params={"hub": RIVER_VALE})
    page = await visitor.get(f"/v1/timelines/{SENT}", params={"hub": RIVER_VALE}, headers=PAGE)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "timeline-unknown")
    assert "receipts" in answer.json()["detail"]
    assert (page.status_code, "Nothing is known of this report." in page.text) == (404, True)


async def test_the_same_address_is_a_page_for_people(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """By what the browser says it reads, which caches must know."""
    await planned(pool)

    page = await visitor.get(f"/v1/timelines/{SENT}", headers=PAGE)

    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert page.headers["vary"] == "Accept"
    assert "Recorded 2pm, 8 October 2026 Decided River Vale Work Group 3 will meet" in said
    assert "Invitation, queued 3pm, 8 October 2026: delivered 4pm, 8 October 2026" in said


async def test_the_shape_is_documented(visitor: httpx.AsyncClient) -> None:
    """Clients can be made of it."""
    paths = (await visitor.get("/openapi.json")).json()["paths"]

    answer = paths["/v1/timelines/{event_id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/TimelineAnswer"}
