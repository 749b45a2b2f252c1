"""How the states of things are called and drawn: (word, class of the .tag in the sheet)."""

from flask import Flask

from ._locale import pgettext

_FAULT = {
    "new": "new",
    "received": "got",
    "reopened": "new",
    "in_progress": "work",
    "waiting": "wait",
    "done": "done",
    "closed": "shut",
    "rejected": "no",
}


def fault(state: str) -> tuple[str, str]:
    """The state of a fault report, in words that agree with it."""
    word = {
        "new": pgettext("fault report", "New"),
        "received": pgettext("fault report", "Received"),
        # What the history and a second tag say; the state itself is "received" again.
        "reopened": pgettext("fault report", "Reopened"),
        "in_progress": pgettext("fault report", "In progress"),
        "waiting": pgettext("fault report", "On hold"),
        "done": pgettext("fault report", "Done"),
        "closed": pgettext("fault report", "Closed"),
        "rejected": pgettext("fault report", "Declined"),
    }[state]
    return word, _FAULT[state]


def wire(app: Flask) -> None:
    app.jinja_env.globals["fault_state"] = fault
