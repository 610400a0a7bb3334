"""What arrives: read by the parsers of others, and looked at line by line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Component

from calendar_story import ADDRESSES, AMINA, LENGTH, MARCH, MEETING, WEEK, in_hand, parsed, part
from mathshubs.clock import LONDON
from mathshubs.links import bounce_token, preferences_token, read_join_token
from mathshubs.settings import Settings
from notification.duties.send.writing import Writer
from notification.messages.domain import one_line
from notification.messages.pages import Unreachable, reachable

WRITER = Writer.of(Settings(secret="s", public_url="https://hubs.example/"))
INVITATION = in_hand()
MOVED = in_hand(
    delivery=replace(
        INVITATION.delivery,
        kind="change",
        revision=3,
        was_starts_at=MARCH - WEEK,
        was_ends_at=MARCH - WEEK + LENGTH,
    )
)
WITHDRAWAL = in_hand(delivery=replace(INVITATION.delivery, kind="withdrawal", revision=4))
CANCELLED = in_hand(delivery=replace(INVITATION.delivery, kind="cancellation", revision=4, why="snow"))
REMINDER = in_hand(delivery=replace(INVITATION.delivery, kind="reminder", revision=None, days_before=7))
ALL = pytest.mark.parametrize("one", [INVITATION, MOVED, WITHDRAWAL, CANCELLED], ids=lambda one: str(one.delivery.kind))


def mail(one: object = INVITATION) -> EmailMessage:
    """The mail of a delivery, as it arrives."""
    return parsed(WRITER.write(one).content)  # type: ignore[arg-type]


def calendar(one: object = INVITATION) -> Calendar:
    """Its calendar part, read by a real parser."""
    found = Calendar.from_ical(part(mail(one), "text/calendar"))
    assert isinstance(found, Calendar)
    return found


@ALL
def test_a_mail_has_its_three_parts_in_order_of_richness(one: object) -> None:
    """Google and Outlook take an invitation for one only so."""
    kinds = [p.get_content_type() for p in mail(one).iter_parts()]

    assert mail(one).get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert [p.defects for p in mail(one).walk()] == [[]] * 4


@pytest.mark.parametrize(
    ("one", "method"), [(INVITATION, "REQUEST"), (MOVED, "REQUEST"), (WITHDRAWAL, "CANCEL"), (CANCELLED, "CANCEL")]
)
def test_part_and_calendar_name_the_same_method(one: object, method: str) -> None:
    """A program that sees two different ones does nothing."""
    [kind] = [p["Content-Type"] for p in mail(one).walk() if p.get_content_type() == "text/calendar"]

    assert (kind.params["method"], kind.params["charset"], str(calendar(one)["METHOD"])) == (method, "utf-8", method)


def test_the_headers_of_an_invitation() -> None:
    """Date first in the subject; the bounce address names the delivery; a service message is no list mail."""
    written, read = WRITER.write(INVITATION), mail()
    delivery = str(INVITATION.delivery.id)

    assert {name: str(read[name]) for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted", "Date")} == {
        "From": "Maths Hubs <invitations@mathshubs.example>",
        "To": "Amina Khan <amina.khan@elmpark.example>",
        "Subject": "Thu 4 Mar, 1.30pm: Work Group meeting, River Vale 3",
        "Message-ID": f"<{delivery}@mathshubs.example>",
        "Auto-Submitted": "auto-generated",
        "Date": "Thu, 04 Feb 2027 13:30:00 +0000",
    }
    assert (written.sender, written.recipient) == (
        f"bounces+{bounce_token('s', INVITATION.delivery.id)}@mathshubs.example",
        ADDRESSES[AMINA][1],
    )
    assert "List-Unsubscribe" not in read


@pytest.mark.parametrize(
    ("one", "subject"),
    [
        (MOVED, "Moved to Thu 4 Mar, 1.30pm: Work Group meeting, River Vale 3"),
        (CANCELLED, "Thu 4 Mar, 1.30pm: cancelled because of snow. Work Group meeting, River Vale 3"),
        (WITHDRAWAL, "Thu 4 Mar, 1.30pm: you are no longer expected at the Work Group meeting, River Vale 3"),
        (
            in_hand(delivery=replace(MOVED.delivery, was_starts_at=MARCH, was_ends_at=MARCH + LENGTH)),
            "Thu 4 Mar, 1.30pm: new details of the Work Group meeting, River Vale 3",
        ),
    ],
)
def test_a_subject_says_what_happened(one: object, subject: str) -> None:
    """It is all that many people read."""
    assert str(mail(one)["Subject"]) == subject


class Words(HTMLParser):
    """The words of a page, in order, and where its links lead."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, and what is not shown."""
        self.links += [value or "" for name, value in attrs if name == "href"]
        self._hidden += tag in ("style", "title", "head")

    def handle_endtag(self, tag: str) -> None:
        """What is not shown ends."""
        self._hidden -= tag in ("style", "title", "head")

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self._hidden:
            self.words += data.split()


@ALL
def test_text_and_html_say_the_same(one: object) -> None:
    """Whoever reads the plain part misses nothing: each word of it stands in the other."""
    page = Words()
    page.feed(part(mail(one), "text/html"))
    shown, text = " ".join(page.words), part(mail(one), "text/plain")

    for line in filter(None, text.splitlines()):
        name, _, what = line.partition(": ")
        wanted = page.links if what.startswith("https://") else [shown]
        assert any(words in shown for words in (line, f"{name} {what}")) or what in wanted, line


def test_a_reminder_is_words_alone_and_can_be_declined() -> None:
    """No calendar, which would be a second invitation; one click, by header or at its foot, ends them."""
    read = mail(REMINDER)
    page, text = part(read, "text/html"), part(read, "text/plain")
    link = f"https://hubs.example/u/{preferences_token('s', AMINA)}"

    assert [p.get_content_type() for p in read.iter_parts()] == ["text/plain", "text/html"]
    assert str(read["Subject"]) == "Thu 4 Mar, 1.30pm: reminder of your Work Group meeting, River Vale 3"
    assert (str(read["List-Unsubscribe"]), str(read["List-Unsubscribe-Post"])) == (
        f"<{link}>",
        "List-Unsubscribe=One-Click",
    )
    assert f"Choose which emails you get: {link}" in text
    assert link in page
    assert read.defects == []
    assert "service message" not in text


def test_a_change_says_where_it_was_before() -> None:
    """In the words of people, as London's clocks show it."""
    text = part(mail(MOVED), "text/plain")

    assert "When: 1.30pm to 4pm, Thursday 4 March\nBefore: 1.30pm to 4pm, Thursday 25 February\n" in text


@ALL
def test_one_button_at_most_and_it_joins(one: object) -> None:
    """The link names meeting and person by a signature, and a withdrawal has none."""
    page = Words()
    page.feed(part(mail(one), "text/html"))
    tokens = [link.removeprefix("https://hubs.example/j/") for link in page.links]

    expected = [] if one in (WITHDRAWAL, CANCELLED) else [(MEETING, AMINA)]
    assert [read_join_token("s", token) for token in tokens] == expected


def test_the_html_suits_mail_programs() -> None:
    """Presentational tables, a language, dark mode, 16 pixels, no image and nothing loaded from elsewhere."""
    page = part(mail(), "text/html")

    wanted = ['lang="en-GB"', 'name="color-scheme" content="light dark"', "font-size:16px"]
    assert [words for words in wanted if words not in page] == []
    assert page.count("<table") == page.count('role="presentation"') + 1  # one table is a table, of what is told
    assert [words for words in ("<img", "src=", "<link", "@import") if words in page] == []


@ALL
def test_a_calendar_is_laid_out_by_the_letter_of_the_standard(one: object) -> None:
    """CRLF everywhere, no line over 75 octets, one event, one zone."""
    raw = part(mail(one), "text/calendar").encode()
    lines = raw.split(b"\r\n")

    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert [lines.count(b"BEGIN:" + what) for what in (b"VCALENDAR", b"VTIMEZONE", b"VEVENT")] == [1, 1, 1]


@ALL
def test_the_entry_as_a_calendar_program_reads_it(one: object) -> None:
    """Constant organiser, this attendee, wall time in London, and a stamp in UTC."""
    [event] = calendar(one).walk("VEVENT")
    delivery = one.delivery  # type: ignore[attr-defined]

    assert {name: str(event[name]) for name in ("UID", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION")} == {
        "UID": delivery.uid,
        "SEQUENCE": str(delivery.revision),
        "STATUS": "CANCELLED" if one in (WITHDRAWAL, CANCELLED) else "CONFIRMED",
        "SUMMARY": "Work Group meeting: River Vale 3",
        "LOCATION": "Elm Park, or online",
    }
    assert str(event["ORGANIZER"]) == "mailto:invitations@mathshubs.example"
    assert str(event["ATTENDEE"]) == "mailto:amina.khan@elmpark.example"
    assert event["DTSTAMP"].to_ical() == b"20270204T133000Z"
    assert event["DTSTART"].params["TZID"] == event["DTEND"].params["TZID"] == "Europe/London"


@pytest.mark.parametrize(
    ("at", "wall"),
    [
        (datetime(2027, 3, 25, 13, 30, tzinfo=UTC), "20270325T133000"),
        (datetime(2027, 4, 1, 12, 30, tzinfo=UTC), "20270401T133000"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "20261025T013000"),
    ],
)
def test_half_past_one_stays_half_past_one_when_the_clocks_change(at: datetime, wall: str) -> None:
    """The zone that rides along says so to a program that knows none."""
    whole = calendar(in_hand(delivery=replace(INVITATION.delivery, starts_at=at, ends_at=at + LENGTH)))
    [event], [zone] = whole.walk("VEVENT"), whole.walk("VTIMEZONE")
    local = at.astimezone(LONDON).replace(tzinfo=None)

    assert event["DTSTART"].to_ical() == wall.encode()
    assert zone.to_tz().utcoffset(local) == at.astimezone(LONDON).utcoffset()  # type: ignore[attr-defined]


def test_a_copy_is_the_same_to_the_byte() -> None:
    """A mail program that sees both keeps one."""
    again = in_hand(status="sending", handings=1, doubts=1)

    assert WRITER.write(INVITATION).content == WRITER.write(again).content


NASTY = st.text(
    st.sampled_from("aé =?utf-8q_\r\n\0\u2028\u2029\u0085\v\f\u202e<>@,;:\"\\()[].'💥\ud7ff\t&"), max_size=60
)


@settings(deadline=None)
@given(name=NASTY, group=NASTY, place=NASTY)
@example(name="Amina\r\nBcc: everybody@example.org", group="x\r\n\r\n<script>", place="a\r\nBEGIN:VEVENT")
@example(
    name="=?utf-8?q?a=0D=0ABcc=3A_b=40example.org?=", group="=?utf-8?b?DQpCY2M6IGI=?=", place="\u2028END:VCALENDAR"
)
@example(name="amina@example.org, b", group="", place="")
def test_no_name_breaks_out_of_its_place(name: str, group: str, place: str) -> None:
    """Neither another header, nor another recipient, nor another line in the calendar, nor an element on the page."""
    plain = WRITER.write(INVITATION)
    one = in_hand(name=name, delivery=replace(INVITATION.delivery, name=group, place=place))
    written = WRITER.write(one)
    read, usual = parsed(written.content), parsed(plain.content)

    assert (written.sender, written.recipient) == (plain.sender, plain.recipient)
    assert (read.keys(), read.defects) == (usual.keys(), [])
    assert [a.addr_spec for a in read["To"].addresses] == [ADDRESSES[AMINA][1]]
    assert [p.get_content_type() for p in read.walk()] == [p.get_content_type() for p in usual.walk()]
    page, usual_page = part(read, "text/html"), part(usual, "text/html")
    assert page.count("<") == usual_page.count("<")
    names = [[line for line, _ in event.property_items()] for event in (_event(read), _event(usual))]
    assert names[0] == names[1]
    assert str(_event(read)["LOCATION"]).startswith(one_line(place))


def _event(read: EmailMessage) -> Component:
    [event] = Calendar.from_ical(part(read, "text/calendar")).walk("VEVENT")
    return event


@pytest.mark.parametrize(
    "email", ["", "amina", "a@b@c.example", "amina@elm.example\r\nBcc: b@example.org", "a b@c.example"]
)
def test_what_is_no_address_is_not_written_to(email: str) -> None:
    """It is marked as failed rather than handed to a server that may read it its own way."""
    with pytest.raises(Unreachable):
        reachable(email)


def test_an_address_in_another_script_is_written_to() -> None:
    """The domain goes out in ASCII; a local part that cannot keeps its letters."""
    written = WRITER.write(in_hand(email="zoë@schüle.example", name="Zoë"))

    assert reachable("amina@münchen.example") == "amina@xn--mnchen-3ya.example"
    assert written.recipient == "zoë@schüle.example"
    assert "To: Zoë <zoë@schüle.example>\r\n".encode() in written.content


@pytest.mark.parametrize(
    ("mode", "place", "shown"),
    [
        ("online", None, "Online"),
        ("face-to-face", "Elm Park, room 12", "Elm Park, room 12"),
        ("face-to-face", None, "To be announced"),
        ("hybrid", "Elm Park", "Elm Park, or online"),
    ],
)
def test_where_a_meeting_is(mode: str, place: str | None, shown: str) -> None:
    """In the calendar as in the words."""
    one = in_hand(delivery=replace(INVITATION.delivery, mode=mode, place=place))

    assert str(_event(mail(one))["LOCATION"]) == shown
    assert f"Where: {shown}\n" in part(mail(one), "text/plain")


def test_an_online_meeting_is_called_so_once() -> None:
    """Where and how are one thing when there is no place; with a place, or both ways, each says something."""
    online = in_hand(delivery=replace(INVITATION.delivery, mode="online", place=None))

    assert "How: " not in part(mail(online), "text/plain")
    assert "Where: Online" in part(mail(online), "text/plain")
    assert "How: Face to face" in part(mail(), "text/plain")


def test_a_meeting_over_midnight_names_both_days() -> None:
    """Rare, and then the more needed."""
    one = in_hand(delivery=replace(INVITATION.delivery, ends_at=MARCH + timedelta(days=1)))

    assert "When: 1.30pm, Thursday 4 March to 1.30pm, Friday 5 March\n" in part(mail(one), "text/plain")
