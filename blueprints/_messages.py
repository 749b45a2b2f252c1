"""From error to sentence: what holds, what to do, whom to ask. The only place that words the domain's refusals."""

from flask import current_app, g, request

from resident import errors

from ._locale import _, ngettext


def contact() -> str:
    """Whom to ask: the organisation's telephone, as a contact that needs no declining."""
    viewer = g.get("viewer")
    organisation = viewer.organisation if viewer else g.get("organisation_here")
    if organisation is None:
        return ""
    return " · ".join(part for part in (organisation.name, organisation.phone) if part)


def http(status: int) -> tuple[str, str]:
    """(title, text) of an error page."""
    return {
        400: (_("We could not read this request"), _("Go back, load the page again and try once more.")),
        401: (
            _("You are signed out"),
            _("What you typed was not sent. Sign in again in another window, then come back here and send it."),
        ),
        403: _no_right(),
        404: (
            _("There is nothing here"),
            _("The page has moved, or the link is not whole. The menu leads to everything that is yours."),
        ),
        405: (_("This page cannot be used in this way"), _("Go back and use the buttons of the page.")),
        413: _too_large(),
        429: (_("Too many tries"), _("Wait a moment and try again.")),
    }.get(
        status,
        (
            _("Something went wrong on our side"),
            _("Sorry. Try again in a moment. If it happens again, tell the office the number below."),
        ),
    )


def _no_right() -> tuple[str, str]:
    viewer = g.get("viewer")
    if viewer and viewer.home and viewer.home.withheld:
        return (
            _("This opens after an identity check"),
            _("You came in by a letter to the home. Bring a passport or an identity card to the office."),
        )
    return _("You do not have the right to do this"), _("If you think you should have it, contact the office.")


def _too_large() -> tuple[str, str]:
    view = current_app.view_functions.get(request.endpoint)
    if hasattr(view, "largest_body"):
        return _("The file is too large"), _("Choose a smaller photo or split the document.")
    return _("The text is too long"), _("Go back, shorten it and send the form once more.")


def refusal(error: errors.ResidentError) -> tuple[str, str]:
    """(title, text) of a domain error that no field of a form takes."""
    if isinstance(error, errors.NotSaved):
        return _("We could not save this"), _("Nothing was lost: what you typed is still in the form. Try again in a moment.")
    if isinstance(error, errors.Stale):
        return (
            _("Somebody changed this while you were writing"),
            _("Load the page again to see the change. What you wrote was not saved over it."),
        )
    if isinstance(error, errors.TooMany | errors.Busy):
        return _("Too many tries"), wait(error.retry_after)
    return _("This cannot be done now"), ""


def only_looking() -> tuple[str, str]:
    """(title, text) for staff who look at the portal as a resident sees it."""
    return _("You are only looking"), _("While you see the portal as a resident does, nothing can be sent or changed.")


def wait(seconds: int) -> str:
    if seconds < 90:
        return ngettext("Try again in %(n)d second.", "Try again in %(n)d seconds.", seconds)
    return ngettext("Try again in %(n)d minute.", "Try again in %(n)d minutes.", -(-seconds // 60))
