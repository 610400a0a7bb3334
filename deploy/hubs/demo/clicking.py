"""What somebody does with a mail: one click that stops reminders, as a mail program makes it (RFC 8058)."""

from email import message_from_bytes
from email.message import Message
from typing import Final

import httpx

from hubs.demo.clients import NotTaken
from hubs.parts.http import trust

ONE_CLICK: Final = "List-Unsubscribe=One-Click"
FORM: Final = "application/x-www-form-urlencoded"


async def unsubscribe(inbox: str, email: str) -> None:
    """Post the link of the latest mail to somebody that has one.

    Raises:
        NotTaken: if no mail has one, or it does not work.
    """
    async with httpx.AsyncClient(verify=trust(), timeout=20) as client:
        listed = await client.get(f"{inbox}/messages", params={"to": email}, headers={"Accept": "application/json"})
        for one in reversed(listed.raise_for_status().json()):
            mail = message_from_bytes((await client.get(f"{inbox}/messages/{one['id']}/raw")).content)
            if link := _link(mail):
                answer = await client.post(link, content=ONE_CLICK, headers={"content-type": FORM})
                if not answer.is_success:
                    raise NotTaken(f"A link to stop reminders answered {answer.status_code}")
                return
    raise NotTaken("No mail has a link to stop reminders")


def _link(mail: Message) -> str | None:
    """Return the address of a mail's List-Unsubscribe, where one click is promised to do."""
    if ONE_CLICK not in str(mail.get("List-Unsubscribe-Post", "")):
        return None
    links = (part.strip(" <>\r\n\t") for part in str(mail["List-Unsubscribe"]).split(","))
    return next((link for link in links if link.startswith("http")), None)
