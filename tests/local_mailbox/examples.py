"""Mails as notification sends them, to invented advocates."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from icalendar import Alarm, Calendar, Event, vCalAddress

AMINA = "amina.khan@elmpark.example"
BEN = "ben.price@elmpark.example"
MARCH = datetime(2027, 3, 4, 13, 30, tzinfo=UTC)
A_WEEK_LATER = MARCH + timedelta(days=7)


def invitation(
    to: str = AMINA, *, uid: str = "WG-7-1", sequence: int = 0, method: str = "REQUEST", starts_at: datetime = MARCH
) -> EmailMessage:
    """One mail about one meeting of two and a half hours."""
    mail = EmailMessage()
    mail["From"] = "Maths Hubs <invitations@mathshubs.example>"
    mail["To"] = f"{to.partition('@')[0].replace('.', ' ').title()} <{to}>"
    mail["Subject"] = f"{starts_at.day} {starts_at:%B}: Work Group 7 meets, naïve café £5"
    mail["Message-ID"] = f"<{uid}-{to.partition('@')[0]}-{sequence}-{method}@mathshubs.example>"
    mail.set_content("You are invited.\n.A line that begins with a dot\n")
    mail.add_alternative(
        "<!doctype html><html lang='en-GB'><body style='font-family:sans-serif'><h1>Work Group 7 meets</h1>"
        "<p>1.30pm to 4pm, Thursday 4 March</p><p><a href='http://127.0.0.1:8000/j/abc'>Join the meeting</a></p>"
        "<script>document.title = 'taken over'</script></body></html>",
        subtype="html",
    )
    ics = calendar(uid=uid, sequence=sequence, method=method, starts_at=starts_at, to=to)
    mail.add_alternative(ics, subtype="calendar", params={"method": method})
    return mail


def calendar(*, uid: str, sequence: int, method: str, starts_at: datetime, to: str = AMINA) -> str:
    """The calendar part of an invitation, a change or a cancellation."""
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", MARCH - timedelta(days=30) + timedelta(minutes=sequence))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(hours=2, minutes=30))
    event.add("summary", "Work Group 7, meeting 4")
    event.add("location", "Elm Park School, room 12")
    event.add("url", "http://127.0.0.1:8000/j/abc")
    event.add("organizer", vCalAddress("mailto:invitations@mathshubs.example"))
    event.add("attendee", vCalAddress(f"mailto:{to}"))
    event.add_component(Alarm())
    whole = Calendar()
    whole.add("prodid", "-//Maths Hubs//EN")
    whole.add("version", "2.0")
    whole.add("method", method)
    whole.add_component(event)
    return str(whole.to_ical(), "utf-8")
