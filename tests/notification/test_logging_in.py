"""A real mail server: behind TLS, with a login, and only where both are as they should be."""

import shutil
import subprocess
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from calendar_story import invited, person, scheduled, tell
from mail_post import MailServer, Post, serving
from mathshubs.testing import until

LOGIN: dict[str, Any] = {"live_mail": True, "smtp_username": "maths-hubs", "smtp_password": "correct horse"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a key and a certificate for 127.0.0.1 that vouches for itself, and return the certificate."""
    if not shutil.which("openssl"):
        pytest.fail("Mend: apt-get install openssl")
    made = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out crt.pem -days 2"
    named = ["-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *named], cwd=made, check=True, capture_output=True)
    return made / "crt.pem"


@pytest.fixture
def tls(certificate: Path) -> SSLContext:
    """The server's side of TLS."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


class Door:
    """Lets in one name with one password, and keeps what was tried."""

    def __init__(self) -> None:
        """Nobody has come yet."""
        self.tried: list[LoginPassword] = []

    def __call__(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, told: object) -> AuthResult:
        """Judge a login."""
        assert isinstance(told, LoginPassword)
        self.tried.append(told)
        return AuthResult(success=told == LoginPassword(b"maths-hubs", b"correct horse"), handled=False)

    def guarding(self, server: MailServer, **more: Any) -> AbstractAsyncContextManager[MailServer]:  # noqa: ANN401
        """Let this server listen behind this door."""
        return serving(server, ident="ESMTP", auth_required=True, authenticator=self, **more)


@pytest.fixture
def trusting(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusting")
async def test_a_login_goes_over_tls(post: Post, tls: SSLContext) -> None:
    """STARTTLS first, without being asked for it."""
    door = Door()
    async with door.guarding(MailServer(), tls_context=tls, require_starttls=True) as server:
        post.smtp = f"127.0.0.1:{server.port}"
        await tell(post.pool, person(), scheduled(), invited())
        post.send(**LOGIN)

        await post.settled("sent")

    assert len(server.taken) == 1
    assert door.tried


@pytest.mark.usefixtures("trusting")
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see the TLS around it
async def test_tls_from_the_first_byte(post: Post, tls: SSLContext) -> None:
    """As on port 465."""
    async with Door().guarding(MailServer(), tls=tls, auth_require_tls=False) as server:
        post.smtp = f"127.0.0.1:{server.port}"
        await tell(post.pool, person(), scheduled(), invited())
        post.send(**LOGIN, smtp_tls="implicit")

        await post.settled("sent")


@pytest.mark.usefixtures("trusting")
async def test_a_login_that_is_refused_fails_no_mail(
    post: Post, tls: SSLContext, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator reads at what; neither name nor password stands in the log."""
    async with Door().guarding(MailServer(), tls_context=tls) as server:
        post.smtp = f"127.0.0.1:{server.port}"
        await tell(post.pool, person(), scheduled(), invited())
        post.send(**(LOGIN | {"smtp_password": "mistyped"}))
        await _says(post, "535 5.7.8 at AUTH")

    logged = capsys.readouterr().out
    assert "535 5.7.8 at AUTH" in logged
    assert [word for word in ("mistyped", "maths-hubs") if word in logged] == []
    assert "mistyped" not in repr(post.sending)
    assert await post.statuses() == ["queued"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_no_password_is_said_in_the_clear(post: Post) -> None:
    """A server that offers no TLS, or somebody who took the offer out of its answer."""
    door = Door()
    async with door.guarding(MailServer(), auth_require_tls=False) as server:
        post.smtp = f"127.0.0.1:{server.port}"
        post.send(**LOGIN)
        await _says(post, "SMTP STARTTLS extension not supported by server.")

    assert door.tried == []


async def test_a_server_that_cannot_prove_itself_gets_neither_login_nor_mail(post: Post, tls: SSLContext) -> None:
    """Its certificate is vouched for by nobody whom this machine trusts."""
    door = Door()
    async with door.guarding(MailServer(), tls_context=tls) as server:
        post.smtp = f"127.0.0.1:{server.port}"
        await tell(post.pool, person(), scheduled(), invited())
        post.send(**LOGIN)
        await _says(post, "")

    assert (door.tried, await post.statuses()) == ([], ["queued"])


async def _says(post: Post, why: str) -> None:
    """Wait until health names this trouble; any, if it is empty."""

    async def does() -> bool:
        found = post.sending.check()
        return not found["ok"] and why in str(found["why"])

    await until(does, what=f"health that says {why}")
