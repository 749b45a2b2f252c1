"""What the environment says, read once. The only reader of os.environ; a wrong value is refused by its name."""

import os
import re
import secrets
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .errors import BadSetting

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Settings of one installation. Names in the environment are RESIDENT_ + the field's name in capitals;
    each may instead be given as RESIDENT_<NAME>_FILE, the path of a file that holds it."""

    data_dir: Path = Path("var")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    secret_key: str = ""
    smtp_url: str = ""
    sms_url: str = ""
    trusted_proxy: str = ""
    identity_key: str = ""
    identification: str = ""
    payments: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https:")

    @property
    def trusted_hosts(self) -> list[str]:
        """Host names that are answered (S32): that of the base URL, those of organisations (hosts), and loopback."""
        return [urlsplit(self.base_url).hostname or "localhost", *self.hosts, *LOOPBACK[:2], "[::1]"]

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"


def load(environ=None) -> Settings:
    """Read the environment. BadSetting(name, why) when a value or an unknown RESIDENT_ name stands there."""
    given = _given(os.environ if environ is None else environ)
    known = {field.name for field in fields(Settings)}
    for name in given:
        if name not in known:
            raise BadSetting(name=_env(name), why="there is no such setting")
    data_dir = _data_dir(given.get("data_dir", "var"))
    port = _port(given.get("port", "8000"))
    host = given.get("host", "127.0.0.1")
    base_url = _base_url(given.get("base_url") or f"http://{host}:{port}")
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(given.get("database_url") or f"sqlite:///{data_dir / 'resident.db'}"),
        host=host,
        port=port,
        base_url=base_url,
        secret_key=_key("secret_key", given.get("secret_key"), data_dir),
        smtp_url=_smtp_url(given.get("smtp_url", "")),
        sms_url=_sms_url(given.get("sms_url", "")),
        trusted_proxy=_trusted_proxy(given.get("trusted_proxy"), host, base_url),
        identity_key=_key("identity_key", given.get("identity_key"), data_dir),
        identification=given.get("identification", ""),
        payments=given.get("payments", ""),
        hosts=_hosts(given.get("hosts", "")),
    )


def _env(name: str) -> str:
    return "RESIDENT_" + name.upper()


def _given(environ) -> dict[str, str]:
    given = {}
    for key, value in environ.items():
        if not key.startswith("RESIDENT_") or key.startswith("RESIDENT_TEST_"):
            continue
        name = key.removeprefix("RESIDENT_").lower()
        if name.endswith("_file"):
            name = name.removesuffix("_file")
            try:
                value = Path(value).read_text().strip()
            except OSError as error:
                raise BadSetting(name=key, why=f"the file cannot be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise BadSetting(name=key, why="the file is not text") from None
        if value:
            given[name] = value
    return given


def _data_dir(text: str) -> Path:
    folder = Path(text).absolute()
    try:
        # Only the owner reads it: the database and the files of the people are in it.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name="RESIDENT_DATA_DIR", why=f"the folder cannot be used: {error.strerror}") from None
    return folder


def _address(name: str, text: str, why: str) -> SplitResult:
    """The parts of an address; BadSetting when it has none, or a port that is not one."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 – read, because that is when it is looked at
    except ValueError:
        raise BadSetting(name=name, why=why) from None
    return parts


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting(name="RESIDENT_PORT", why="a port is a whole number from 1 to 65535")
    return int(text)


def _base_url(text: str) -> str:
    why = "it must look like https://homes.example.org"
    parts = _address("RESIDENT_BASE_URL", text, why)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadSetting(name="RESIDENT_BASE_URL", why=why)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise BadSetting(name="RESIDENT_BASE_URL", why="plain http is for loopback only; give an https address")
    return text.rstrip("/")


def _database_url(text: str) -> str:
    if text.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        _address("RESIDENT_DATABASE_URL", text, "it must look like postgresql://user@host/name")
    if text.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + text.split("://", 1)[1]
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise BadSetting(name="RESIDENT_DATABASE_URL", why="it must begin with sqlite:/// or postgresql://")


def _smtp_url(text: str) -> str:
    why = "it must look like smtp://user:password@host:587"
    parts = _address("RESIDENT_SMTP_URL", text, why)
    if text and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise BadSetting(name="RESIDENT_SMTP_URL", why=why)
    return text


def _sms_url(text: str) -> str:
    why = "it must look like https://user:password@gateway.example.org/messages"
    parts = _address("RESIDENT_SMS_URL", text, why)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise BadSetting(name="RESIDENT_SMS_URL", why=why)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise BadSetting(name="RESIDENT_SMS_URL", why="plain http is for loopback only; give an https address")
    return text


def _trusted_proxy(given: str | None, host: str, base_url: str) -> str:
    """Address of the web server in front, whose word on who asks is taken; empty: nobody's. Without it everybody behind
    one proxy shares one limit of sign-ins (S11)."""
    if given is None:
        return "127.0.0.1" if base_url.startswith("https:") and host in LOOPBACK else ""
    try:
        return str(ip_address(given))
    except ValueError:
        raise BadSetting(name="RESIDENT_TRUSTED_PROXY", why="it must be the address of the web server in front") from None


def _hosts(text: str) -> tuple[str, ...]:
    """Further host names, with spaces or commas between them."""
    names = tuple(text.lower().replace(",", " ").split())
    for name in names:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name):
            raise BadSetting(name="RESIDENT_HOSTS", why="host names such as koti.example.org, with spaces between them")
    return names


def _key(field: str, given: str | None, data_dir: Path) -> str:
    """The given key, or one made at the first start and kept in the data folder, readable by its owner only (S62)."""
    if given:
        if len(given) < 32:
            raise BadSetting(name=_env(field), why="it must have at least 32 characters")
        return given
    path = data_dir / field.replace("_", "-")
    if not path.exists():
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass
    return path.read_text().strip()
