"""What is charged, invoiced and paid: charges, costs and periods, invoices, payments in the portal and by bank."""

from sqlalchemy import Select, false, func, or_, select

from ..banking.bank_account import BankAccount
from ..banking.bank_file import BankCredit, BankCsv, BankFile
from ..banking.payout_account import PayoutAccount
from ..charging.charge import ChargeType
from ..charging.cost import Cost
from ..charging.print_run import PrintRun
from ..homes.building import Building
from ..identity import Viewer
from ..money.account import Account
from ..money.invoice import Invoice
from ..money.period import BillingPeriod
from ..paying.intent import PaymentIntent
from .reaching import (
    covered,
    disclosed_to,
    homes_with,
    own_intents,
    own_invoices,
    reach,
    reach_accounts,
    reach_prints,
    whole_duties,
)


def visible_periods(viewer: Viewer, ability: str = "money") -> Select:
    """Billing periods of the buildings that a post covers, joined to Building."""
    joined = select(BillingPeriod).join(Building, Building.id == BillingPeriod.building_id)
    return joined.where(reach(viewer, ability, Building.organisation_id, Building.id))


def visible_costs(viewer: Viewer, ability: str = "money") -> Select:
    """Costs of such periods."""
    return select(Cost).where(Cost.period_id.in_(visible_periods(viewer, ability).with_only_columns(BillingPeriod.id)))


def visible_charges(viewer: Viewer) -> Select:
    """Charge types of the organisations whose money the viewer's posts see, be it that of some buildings."""
    return select(ChargeType).where(ChargeType.organisation_id.in_({duty.organisation.id for duty in viewer.duties_for("money")}))


def visible_invoices(viewer: Viewer, at_desk: bool = False) -> Select:
    """Joined to Account: at the desk those of the accounts that a post covers, else those of one's homes, of one's days."""
    own = [own_invoices(home.tenure_id, home.papers_from, home.papers_until) for home in homes_with(viewer, "invoices")]
    joined = select(Invoice).join(Account, Account.id == Invoice.account_id)
    return joined.where(reach_accounts(viewer) if at_desk else or_(false(), *own))


def visible_print_runs(viewer: Viewer) -> Select:
    """Who may not see names with addresses under non-disclosure sees their own alone: another's may hold some."""
    joined = select(PrintRun).outerjoin(BillingPeriod, BillingPeriod.id == PrintRun.period_id).outerjoin(Building)
    disclosed = disclosed_to(viewer, func.coalesce(PrintRun.organisation_id, Building.organisation_id))
    mine = PrintRun.person_id.in_({duty.person_id for duty in viewer.duties_for("billing")})
    return joined.where(reach_prints(viewer), or_(mine, disclosed))


def visible_intents(viewer: Viewer, at_desk: bool = False) -> Select:
    """Payments in the portal, joined to Account: at the desk those of the accounts that a post covers, else those of one's
    homes, of one's days."""
    joined = select(PaymentIntent).join(Account, Account.id == PaymentIntent.account_id)
    if at_desk:
        return joined.where(reach_accounts(viewer))
    return joined.where(or_(false(), *(own_intents(home) for home in homes_with(viewer, "invoices"))))


def visible_bank_accounts(viewer: Viewer) -> Select:
    return select(BankAccount).where(covered(whole_duties(viewer, "money"), BankAccount.organisation_id, None))


def visible_bank_files(viewer: Viewer) -> Select:
    return select(BankFile).where(covered(whole_duties(viewer, "money"), BankFile.organisation_id, None))


def visible_bank_csvs(viewer: Viewer) -> Select:
    return select(BankCsv).where(covered(whole_duties(viewer, "money"), BankCsv.organisation_id, None))


def visible_payout_accounts(viewer: Viewer) -> Select:
    return select(PayoutAccount).where(covered(whole_duties(viewer, "money"), PayoutAccount.organisation_id, None))


def visible_bank_credits(viewer: Viewer) -> Select:
    """Payments that came to bank accounts; joined to BankAccount."""
    joined = select(BankCredit).join(BankAccount, BankAccount.id == BankCredit.bank_account_id)
    return joined.where(covered(whole_duties(viewer, "money"), BankAccount.organisation_id, None))
