"""Named errors of the domain: data, no prose. The sentences live in blueprints/_messages.py."""


class ResidentError(Exception):
    """Base of every refusal that the domain makes. Attributes hold what a sentence about it needs."""

    def __init__(self, **facts):
        super().__init__(type(self).__name__, facts)
        self.facts = facts

    def __getattr__(self, name):
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None


class BadSetting(ResidentError):
    """A setting (environment or organisation) holds a value that it cannot hold: name, why."""


class TooMany(ResidentError):
    """A limit is reached: retry_after in whole seconds."""


class Busy(ResidentError):
    """Two hashes are already being worked out: retry_after in whole seconds."""


class WrongCredentials(ResidentError):
    """User name or password does not match. Says no more on purpose (S09)."""


class Stale(ResidentError):
    """Somebody changed the thing since the form was drawn (S47)."""


class NotSaved(ResidentError):
    """The store cannot be written now: disk full, or locked for too long."""
