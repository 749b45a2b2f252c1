"""What an import makes of what is billed already, in sentences: corrections that wait, days that change hands, refusals."""

from collections.abc import Callable

from resident import format as formats
from resident.exchange.outcome import Corrected, Moved, Outcome

from ._days import read
from ._locale import words

# So many are told one by one.
MOST = 100


def refusals(_: Callable[[str], str]) -> dict[str, str]:
    """Of rows that drafts stand on, or a cost that nobody would pay."""
    return {
        "DaysShared": _("Drafts of %(month)s bill days that would change hands. Throw the drafts away first, then import the row."),
        "FactInDrafts": _(
            "The costs of %(month)s are shared out and not confirmed. Throw its drafts away first, then change this."
        ),
        "FactInSettlement": _(
            "A settlement from %(begins)s to %(ends)s is worked out and not confirmed. Throw it away first, then change this."
        ),
        "NobodyPays": _(
            "No home has a basis for %(charge)s, so nobody would pay its cost. Enter what it is divided by, or remove the cost."
        ),
    }


def told(outcome: Outcome, language: str) -> list[str]:
    """Period by period, then home by home; how many are left of them in a last sentence."""
    ngettext = words(language).plural
    found = [_corrected(one, language) for one in outcome.corrected] + [_moved(one, language) for one in outcome.moved]
    if more := len(found[MOST:]):
        found[MOST:] = [ngettext("%(n)d more is not listed here.", "%(n)d more are not listed here.", more)]
    return found


def _corrected(one: Corrected, language: str) -> str:
    write, pgettext, ngettext = formats.of(language), words(language).context, words(language).plural
    months = write.month(one.first)
    if one.last != one.first:
        months = pgettext("of months", "%(first)s to %(last)s", first=months, last=write.month(one.last))
    return ngettext(
        "%(building)s, %(months)s: %(n)d correction, %(sum)s together.",
        "%(building)s, %(months)s: %(n)d corrections, %(sum)s together.",
        one.count, building=one.building, months=months, sum=write.money(one.amount, one.currency),
    )  # fmt: skip


def _moved(one: Moved, language: str) -> str:
    write, _ = formats.of(language), words(language).text
    first = write.date(read(one.first))
    if one.last is None:
        return _("%(home)s, from %(first)s: what is billed goes to whoever holds it then.", home=one.home, first=first)
    last = write.date(read(one.last))
    return _(
        "%(home)s, %(first)s to %(last)s: what is billed goes to whoever holds it then.", home=one.home, first=first, last=last
    )
