"""Electronic mail: a message as a value, and the way to send it over SMTP (smtp://, smtps://)."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import unquote, urlsplit

from .. import clock
from ..errors import ResidentError

TIMEOUT = 20
PORTS = {"smtp": 25, "smtps": 465}


class NotSent(ResidentError):
    """The mail server or the line failed; __cause__ says how. Worth another try."""


class NoAddress(ResidentError):
    """An address that no mail can go to. Not worth another try."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One plain-text mail. id makes its Message-ID: the same order sent again is the same mail, not a second one."""

    id: str
    to: str
    sender_name: str
    subject: str
    text: str
    # PDFs that go with it: (name, octets).
    papers: tuple[tuple[str, bytes], ...] = ()


def send(mail: Mail, smtp_url: str, host: str) -> None:
    """Hand a mail to the server. host: the portal's name, for the Message-ID and the sender. NotSent, NoAddress."""
    message = composed(mail, sender(smtp_url, host), host)
    server = urlsplit(smtp_url)
    try:
        with _connected(server) as smtp:
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent() from error


def _connected(server) -> smtplib.SMTP:
    """A connection, made private by TLS from the start (smtps) or as soon as the server offers it."""
    trust = _trust(server.hostname)
    port = server.port or PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(server.hostname, port, timeout=TIMEOUT, context=trust)
    smtp = smtplib.SMTP(server.hostname, port, timeout=TIMEOUT)
    try:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=trust)
            smtp.ehlo()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _trust(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if host in ("localhost", "127.0.0.1", "::1"):
        # A mail server on the same machine signs its own certificate as it comes from the package.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def sender(smtp_url: str, host: str) -> str:
    """The address that mail comes from: the mail account itself when it is one, else no-reply at the portal's name."""
    user = unquote(urlsplit(smtp_url).username or "")
    return user if "@" in user else f"no-reply@{host}"


def composed(mail: Mail, sender: str, host: str) -> EmailMessage:
    """The message as it goes out. Nothing given can begin a header of its own (S43)."""
    to = _one_line(mail.to)
    if "@" not in to or any(c in to for c in ' ,;<>"'):
        raise NoAddress()
    message = EmailMessage()
    message["From"] = formataddr((_one_line(mail.sender_name), sender))
    message["To"] = to
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    for name, octets in mail.papers:
        message.add_attachment(octets, maintype="application", subtype="pdf", filename=_one_line(name))
    return message


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
