"""The compose system on paper: no engine runs where tests do, so linters and these sentences check it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs import told
from hubs.home import SERVICES

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy/docker/Dockerfile"
EXAMPLE = ROOT / ".env.example"

WHOLE: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
PARTS: dict[str, dict[str, Any]] = WHOLE["services"]
INTERPOLATED = re.compile(r"\$\{(\w+)")


def bin_of(name: str) -> str | None:
    """Return a program of this environment, or of the machine."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it says."""
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | env)


def test_every_stock_part_and_service_is_there() -> None:
    """What the system needs, and a step that makes it ready; nothing else to keep alive."""
    databases = {f"postgres-{service}" for service in SERVICES}

    assert set(PARTS) == {"kafka", "prepare", "tools", "mailpit", "caddy", *SERVICES, *databases}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_a_postgres_of_its_own(service: str) -> None:
    """It works by its app role, and no other service shares a network with its database."""
    url = PARTS[service]["environment"]["HUBS_POSTGRES"]
    beside = {name for name in PARTS if f"{service}-store" in PARTS[name]["networks"]}

    assert url == f"postgresql://{service}_app:${{{service.upper()}_APP_PASSWORD}}@postgres-{service}:5432/{service}"
    assert beside == {service, f"postgres-{service}", "prepare", "tools"}
    assert f"postgres-{service}" in WHOLE["volumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_logs_in_to_kafka_as_itself(service: str) -> None:
    """Kafka's access lists hold only where each principal is its own."""
    told = PARTS[service]["environment"]

    assert told["HUBS_KAFKA_USERNAME"] == service
    assert told["HUBS_KAFKA_PASSWORD"] == f"${{{service.upper()}_KAFKA_PASSWORD}}"


def test_kafka_lets_nobody_in_without_a_password() -> None:
    """Every listener is SASL, access lists deny by default, and nothing is made by accident."""
    script = (ROOT / "deploy/compose/kafka.sh").read_text()
    [listeners] = re.findall(r"^listener\.security\.protocol\.map=(.*)$", script, re.MULTILINE)

    assert {listener.partition(":")[2] for listener in listeners.split(",")} == {"SASL_PLAINTEXT"}
    assert "sasl.enabled.mechanisms=SCRAM-SHA-512" in script
    assert "allow.everyone.if.no.acl.found=false" in script
    assert "StandardAuthorizer" in script
    assert "auto.create.topics.enable=false" in script
    assert "log.message.timestamp.type=LogAppendTime" in script


@pytest.mark.parametrize("part", sorted(PARTS))
def test_an_image_is_named_to_the_patch(part: str) -> None:
    """`latest` is another system each week; a registry's host would tie it to one."""
    image = PARTS[part]["image"]

    assert re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)?:v?\d+(\.\d+)+(-[a-z]+)?", image)


@pytest.mark.parametrize("part", sorted(PARTS))
def test_health_is_asked_of_every_part_that_stays(part: str) -> None:
    """`docker compose up --wait` means ready; the image of our services asks /readyz itself."""
    ours = PARTS[part]["image"].startswith("mathshubs:")
    check = PARTS[part].get("healthcheck")

    assert check == {"disable": True} if part == "prepare" else ours or (check and check["test"][0] == "CMD")


@pytest.mark.parametrize("part", sorted(PARTS))
def test_only_this_machine_reaches_a_part(part: str) -> None:
    """Invented or not, the people in it are nobody else's business."""
    assert all(port.startswith("127.0.0.1:") for port in PARTS[part].get("ports", []))
    assert PARTS[part].get("network_mode") is None


def test_no_mail_leaves() -> None:
    """Mail goes to Mailpit alone, from a network that leads nowhere."""
    told = PARTS["notification"]["environment"]

    assert told["HUBS_SMTP"] == "mailpit:1025"
    assert WHOLE["networks"]["mail"] == {"internal": True}
    assert all("HUBS_SMTP" not in PARTS[service]["environment"] for service in set(SERVICES) - {"notification"})


def test_a_service_starts_when_its_parts_are_ready() -> None:
    """Tables, topics and principals are there before anybody works with them."""
    waits = {name: part["condition"] for name, part in PARTS["prepare"]["depends_on"].items()}

    assert waits == dict.fromkeys(("kafka", *(f"postgres-{service}" for service in SERVICES)), "service_healthy")
    for service in SERVICES:
        assert PARTS[service]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}


def test_the_example_names_every_secret_and_holds_none() -> None:
    """Whoever copies it is told what is missing; whoever reads the repository learns nothing."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]

    assert all(line.endswith("=") for line in lines)
    assert {line.removesuffix("=") for line in lines} == set(INTERPOLATED.findall(COMPOSE.read_text()))
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_secret_is_never_written_out() -> None:
    """Whatever is called a password or a secret comes from the environment of whoever starts it."""
    for part in PARTS.values():
        for name, value in part.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET", name):
                assert re.fullmatch(r"\$\{\w+(:\?[^}]+)?\}", value), name


def test_the_way_to_make_secrets_in_the_example_works(tmp_path: Path) -> None:
    """The command is copied as printed; each secret is its own and long enough."""
    if not (shutil.which("awk") and shutil.which("openssl")):
        pytest.fail("Mend: apt-get install gawk openssl")
    shutil.copy(EXAMPLE, tmp_path)
    lines = [line.removeprefix("#   ") for line in EXAMPLE.read_text().splitlines() if line.startswith("#   ")]

    subprocess.run(["sh", "-c", "\n".join(lines)], cwd=tmp_path, check=True)

    made = [line.partition("=")[2] for line in (tmp_path / ".env").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[0-9a-f]{48}", secret) for secret in made)
    assert len(set(made)) == len(made)


def test_the_origin_reaches_every_service_where_it_listens() -> None:
    """The Caddyfile's own defaults are this system's addresses, and Caddy finds no fault with it."""
    caddyfile = (ROOT / "deploy/caddy/Caddyfile").read_text()
    upstreams = dict(re.findall(r"\{\$UPSTREAM_(\w+):([\w.:]+)\}", caddyfile))
    ours = {service.upper(): f"{service}:{PARTS[service]['environment']['PORT']}" for service in SERVICES}

    assert upstreams == ours | {"MAILBOX": "mailpit:8025"}
    caddy = bin_of("caddy")
    assert caddy
    checked = run(caddy, "validate", "--adapter", "caddyfile", "--config", "deploy/caddy/Caddyfile")
    assert checked.returncode == 0, checked.stderr


def test_the_tools_are_told_where_everything_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set that commands do not read, and nothing is missing; what they keep outlives the container."""
    tools = PARTS["tools"]
    for name, value in tools["environment"].items():
        monkeypatch.setenv(name, value)

    line = told.ready_line(SERVICES)

    assert line
    assert line["http"] == {name: f"http://{name}:{PARTS[name]['environment']['PORT']}" for name in SERVICES}
    assert line["postgres"] == {name: PARTS[name]["environment"]["HUBS_POSTGRES"] for name in SERVICES}
    assert tools["environment"]["HUBS_KAFKA"] == PARTS["prepare"]["environment"]["HUBS_KAFKA"]
    assert (tools["profiles"], tools["entrypoint"]) == (["tools"], ["python", "-m", "hubs.cli"])
    assert tools["volumes"] == [f"tools:{tools['environment']['HUBS_HOME']}"]
    assert f"--mode=0700 {tools['environment']['HUBS_HOME']}" in DOCKERFILE.read_text()


def test_the_image_is_pinned_and_not_root() -> None:
    """Stages of one pinned Python, hashes for all that is installed, a user of its own, its own health."""
    text = DOCKERFILE.read_text()

    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.11.14-slim-bookworm"}
    installs = re.findall(r"pip install (.*)", text)
    assert len(installs) == 3
    assert all("--require-hashes" in install for install in installs)
    assert re.search(r"^USER [1-9]\d*$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert "/readyz" in text


def test_the_image_copies_what_is_there() -> None:
    """A moved folder would be found by the next build, which no test makes."""
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE.read_text(), re.MULTILINE)

    assert all((ROOT / source).exists() for sources in copied for source in sources.split())


@pytest.mark.parametrize(
    "command",
    [
        ("yamllint", "--strict", "--config-file", ".yamllint.yaml", "docker-compose.yml"),
        ("hadolint", "deploy/docker/Dockerfile"),
        ("bash", "-n", "deploy/compose/kafka.sh"),
    ],
    ids=lambda command: command[0],
)
def test_a_linter_finds_nothing(command: tuple[str, ...]) -> None:
    """What many have tripped over is known to it."""
    program = bin_of(command[0])
    assert program, f"{command[0]} is missing. Mend: make setup"

    checked = run(program, *command[1:])

    assert checked.returncode == 0, checked.stdout + checked.stderr
