"""The settings of one process, read once from `HUBS_…` environment variables."""

import os
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Settings(BaseSettings):
    """What a service is told by whoever starts it; `wire.md` names each variable."""

    model_config = SettingsConfigDict(env_prefix="HUBS_", frozen=True)

    service: str = ""
    instance: int = 1
    """Which of the service's processes this is; names its static group member."""
    home: Path = Path(".hubs")
    kafka: str = "127.0.0.1:29092"
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_tls: bool = False
    """SASL_SSL in place of SASL_PLAINTEXT; required off loopback."""
    kafka_ca: str = ""
    """File of the certificates that vouch for the brokers, with `kafka_tls`; by default, those this machine trusts."""
    kafka_replication: int | None = Field(default=None, ge=1)
    """Copies of each topic that is made; by default three, or as many as there are brokers."""
    postgres: SecretStr = SecretStr("")
    """URL of this service's database with its app role; `HUBS_<SERVICE>_POSTGRES` says it too."""
    smtp: str = "127.0.0.1:8025"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["offered", "required", "implicit", "never"] = "offered"
    """STARTTLS where the server offers it (always, with a username), or else no mail; TLS from the first byte; none."""
    bounces: str = "127.0.0.1:8026"
    """Where notification receives bounces by SMTP: host:port; the mail server brings them there."""
    live_mail: bool = False
    mail_allowed: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses, set apart by commas, that may be written to by another server than the local mailbox
    while `live_mail` is off."""
    mail_from: str = "Maths Hubs <invitations@mathshubs.example>"
    public_url: str = "http://127.0.0.1:8000"
    secret: SecretStr = SecretStr("")
    """Namespace of ids and key of signed links; shared by the four services."""
    erasure_window: timedelta = timedelta(days=7)
    topic_prefix: str = ""
    clock: str = ""
    mailbox: bool = False
    """`smtp` is the local mailbox, whose page stands at `/inbox`; `hubs up` says so."""
    demo: bool = False
    """Pages say that every person, school and figure is invented."""

    @model_validator(mode="before")
    @classmethod
    def _own_postgres(cls, told: dict[str, object]) -> dict[str, object]:
        """Read `HUBS_ENROLMENT_POSTGRES` and the like, which all four services may be told alike."""
        own = os.environ.get(f"HUBS_{told.get('service', '')}_POSTGRES".upper())
        return {"postgres": own, **told} if own else told

    @field_validator("mail_allowed", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Read `a@b.example, c@d.example`."""
        return tuple(filter(None, (one.strip() for one in value.split(",")))) if isinstance(value, str) else value

    @field_validator("erasure_window", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        """Read `90s`, `30m`, `12h` or `7d` as well as ISO 8601 durations."""
        if isinstance(value, str) and value[-1:] in _UNITS and value[:-1].isdigit():
            return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
        return value


@lru_cache
def settings() -> Settings:
    """Return this process's settings, read from the environment at the first call."""
    return Settings()
