"""What a resident, a phone and the desk are told about readings that came from a phone or a machine."""

from urllib.parse import urlencode

from resident.metering.slip import Slip
from resident.metering.slipping import ASKS

from ._locale import _, pgettext
from ._places import address


def held(slip: Slip) -> str:
    """What holds, and what comes next."""
    return why(slip.why) + " " + _next(slip)


def _next(slip: Slip) -> str:
    if slip.why in ASKS:
        return _("Check them on the page of readings. Until then they do not count; the office sees them too.")
    return at_office()


def at_office() -> str:
    return _("The office has the values and the time at which they were typed, and decides.")


def why(code: str) -> str:
    """Why readings are not booked by themselves. code: Slip.why."""
    return {
        "questioned": _("Something is far from usual or lower than the last reading."),
        "refused": _("A value cannot be read, or its day is not possible."),
        "meter": _("A meter is no longer there."),
        "ended": _("The home was handed over, or the right to enter its readings ended, before the readings arrived."),
        "signed_out": _("You were signed out on that phone before the readings arrived."),
        "over": _("The reading window was over when the readings arrived."),
        "allocated": _("The costs of the period were already shared out when the readings arrived."),
        "not_open": _("No reading window was open when the readings arrived."),
        "staff_entered": _("The office or the council had already entered a reading."),
        "remote": _("The meter is read remotely."),
        "expired": _("The verification of the meter has expired."),
        "no_meter": _("No meter is linked to the home."),
        "archived": _("The meters of the home are archived."),
    }[code]


def prefilled(slip: Slip, page: str = "") -> str:
    """The page of readings, or another that has its form, with what the slip holds typed in: for its question to be answered."""
    fields = {"day": slip.day.isoformat()}
    for id, (black, red, _answer) in slip.typed.items():
        fields |= {f"m{id}": black} | ({f"l{id}": red} if red else {})
    return f"{page or address('readings.index')}?{urlencode(fields)}"


def via(name: str) -> str:
    """How readings came in."""
    return {
        "offline": _("From a phone without a connection"),
        "device": _("From a machine"),
        "link": _("By a link"),
    }[name]


def state(slip: Slip) -> tuple[str, str]:
    """(word, class of the tag) of a slip, as the resident sees it."""
    if slip.state == "held":
        waits = slip.why in ASKS
        # Translators: of readings that wait for the resident's answer, or for the office's decision.
        return (pgettext("readings", "Waits for you"), "wait") if waits else (pgettext("readings", "At the office"), "got")
    return {
        "booked": (pgettext("readings", "Received"), "done"),
        "settled": (pgettext("readings", "Settled"), "done"),
        "dismissed": (pgettext("readings", "Dismissed"), "no"),
    }[slip.state]
