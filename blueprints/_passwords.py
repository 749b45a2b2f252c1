"""What is said of a new password that will not do."""

from resident.people.password import WeakPassword

from ._locale import _, ngettext


def weak(error: WeakPassword) -> str:
    """The sentence at the field."""
    if error.why == "short":
        return ngettext(
            "The new password needs at least %(n)d character. A few unrelated words are easy to remember.",
            "The new password needs at least %(n)d characters. A few unrelated words are easy to remember.",
            error.least,
        )
    if error.why == "long":
        return ngettext(
            "The new password can have at most %(n)d character. Shorten it.",
            "The new password can have at most %(n)d characters. Shorten it.",
            error.most,
        )
    return {
        "common": _("Many people use this password, so it is guessed first. Choose another, for example a few unrelated words."),
        "name": _("The new password has your name, the organisation’s or the portal’s in it. Choose another."),
        "same": _("The new password is the same as the one you have now. Choose another."),
    }[error.why]
