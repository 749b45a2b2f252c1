"""An organisation's own host, and what works at the portal's own address only.

Providers of identification send people back to the one address that they know of the portal, where the cookie of another host
is not; a passkey is bound to a domain. At an organisation's host these lead over to the portal's own address.
"""

from urllib.parse import urlsplit

from flask import request

from resident.people import passkey

from ._web import settings


def name() -> str:
    """The host of this request, without its port."""
    return request.host.rsplit(":", 1)[0].lower()


def elsewhere() -> str | None:
    """The portal's own address, when this is an organisation's host; None at the portal's own."""
    given = settings()
    own = urlsplit(given.base_url).hostname
    return given.base_url if name() in given.hosts and name() != own else None


def site() -> passkey.Site:
    """What passkeys are bound to: the portal's own host. They are shown at organisations' hosts below it too."""
    given = settings()
    own = passkey.site(given.base_url)
    scheme = urlsplit(given.base_url).scheme
    below = (f"{scheme}://{host}" for host in given.hosts if host.endswith(f".{own.id}"))
    return passkey.Site(own.id, (*own.origins, *below))


def without_passkeys() -> str | None:
    """The portal's own address, when passkeys cannot be shown at this host."""
    return None if name().endswith(f".{site().id}") else elsewhere()
