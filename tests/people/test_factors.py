"""Second factors: codes of an app with drift and once only, recovery codes, limits, what is kept in the store."""

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.errors import TooMany
from resident.jobs import Job
from resident.people import factor, limit, recovery, second_factor, totp
from resident.people.factor import Factor, RecoveryCode
from resident.people.totp import WrongCode

KEY = "k" * 40
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def tenant(db, cast):
    """A resident with an app that was added a while ago."""
    login = cast.logins["tenant"]
    with db.writing() as session:
        row = totp.add(session, login, "Telephone", SECRET, totp.code(SECRET), KEY)
        row.last_step -= 100
    return login


def at(seconds: int) -> str:
    """The code of the app when its clock is so many seconds off."""
    return totp.code(SECRET, (int(clock.now().timestamp()) + seconds) // 30)


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_a_telephone_s_clock_may_be_half_a_minute_off(db, tenant, drift):
    second_factor.show_code(db, tenant, at(drift), KEY)


@pytest.mark.parametrize("drift", [-90, 90])
def test_a_code_of_another_minute_is_refused(db, tenant, drift):
    with pytest.raises(WrongCode):
        second_factor.show_code(db, tenant, at(drift), KEY)


def test_a_code_is_taken_once(db, tenant):
    code = at(0)
    second_factor.show_code(db, tenant, code[:3] + " " + code[3:], KEY)
    with pytest.raises(WrongCode):
        second_factor.show_code(db, tenant, code, KEY)


def test_the_code_that_confirmed_an_app_opens_nothing_afterwards(db, cast):
    login, code = cast.logins["neighbour"], totp.code(SECRET)
    with db.writing() as session:
        totp.add(session, login, "Telephone", SECRET, code, KEY)
    with pytest.raises(WrongCode):
        second_factor.show_code(db, login, code, KEY)


def test_the_demo_s_codes_may_be_taken_again(db, cast):
    login = cast.logins["office"]
    with db.writing() as session:
        totp.add(session, login, "Demo", totp.PUBLISHED, totp.code(totp.PUBLISHED), KEY)
    for _ in range(2):
        second_factor.show_code(db, login, totp.code(totp.PUBLISHED), KEY)
    with db.reading() as session:
        assert totp.demo_code(session, login, KEY) == totp.code(totp.PUBLISHED)


def test_no_code_is_told_of_a_real_login(db, tenant):
    with db.reading() as session:
        assert totp.demo_code(session, tenant, KEY) is None


def test_wrong_codes_are_limited_and_the_limit_ends_by_itself(db, tenant, later):
    for _ in range(limit.BUCKETS["second"][0]):
        with pytest.raises(WrongCode):
            second_factor.show_code(db, tenant, "000000" if at(0) != "000000" else "000001", KEY)
    with pytest.raises(TooMany) as refusal:
        second_factor.show_code(db, tenant, at(0), KEY)
    assert 0 < refusal.value.retry_after <= 15 * 60 + 1
    with db.reading() as session:
        refused = session.scalars(select(AuditEvent).where(AuditEvent.act == "second_factor_refused")).all()
        assert len(refused) == 5 and all(event.login_id == tenant and not event.facts for event in refused)
    later(minutes=16)
    second_factor.show_code(db, tenant, at(0), KEY)


def test_right_codes_between_buy_no_more_guesses_than_thirty_a_day(db, tenant, later):
    tried = 0
    for minutes in range(0, 400, 16):
        later(minutes=minutes)
        for _ in range(4):
            try:
                second_factor.show_code(db, tenant, "not it", KEY)
            except WrongCode:
                tried += 1
            except TooMany:
                break
    assert tried == limit.BUCKETS["second_day"][0]
    later(days=2)
    second_factor.show_code(db, tenant, at(0), KEY)


def test_the_secret_is_not_in_the_store_and_opens_for_nobody_else(db, tenant):
    with db.reading() as session:
        (row,) = factor.held(session, tenant)
    assert SECRET not in row.secret
    assert totp.unseal(row.secret, KEY, "totp", tenant) == SECRET
    for key, purpose, login in ((KEY + "x", "totp", tenant), (KEY, "setting up", tenant), (KEY, "totp", tenant + 1)):
        assert totp.unseal(row.secret, key, purpose, login) is None


def test_a_sealed_secret_that_was_changed_by_one_octet_opens_for_nobody():
    import base64

    sealed = base64.urlsafe_b64decode(totp.seal(SECRET, KEY, "totp", 7))
    assert len({totp.seal(SECRET, KEY, "totp", 7) for _ in range(20)}) == 20
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        assert totp.unseal(base64.urlsafe_b64encode(changed).decode(), KEY, "totp", 7) is None
    for end in range(len(sealed)):
        assert totp.unseal(base64.urlsafe_b64encode(sealed[:end]).decode(), KEY, "totp", 7) is None


def test_the_keys_are_derived_as_rfc_5869_says():
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    wanted = [HKDF(SHA256(), 32, None, f"resident totp {use} 1".encode()).derive(KEY.encode()) for use in ("encrypt", "mac")]
    assert totp._keys(KEY, "totp") == wanted


def test_a_secret_is_offered_for_half_an_hour_and_to_one_login(db, cast, later):
    sealed = totp.offer(1, KEY)
    assert len(totp.offered(sealed, 1, KEY)) == 32
    for text, login in ((sealed, 2), ("nonsense", 1), ("", 1), ("ä", 1)):
        with pytest.raises(totp.Overdue):
            totp.offered(text, login, KEY)
    later(minutes=31)
    with pytest.raises(totp.Overdue):
        totp.offered(sealed, 1, KEY)


def test_an_app_counts_only_once_its_code_was_typed(db, cast):
    with db.writing() as session:
        with pytest.raises(WrongCode):
            totp.add(session, cast.logins["tenant"], "Telephone", SECRET, "12345", KEY)
        assert not factor.has(session, cast.logins["tenant"])


# ---- Recovery codes --------------------------------------------------------------------------------------------------


def test_recovery_codes_are_ten_hashed_and_each_good_once(db, tenant):
    with db.writing() as session:
        codes = recovery.make(session, tenant)
    assert len(set(codes)) == 10 and all(len(code.replace("-", "")) == 15 for code in codes)
    second_factor.show_code(db, tenant, f" {codes[0].upper().replace('-', ' ')}", KEY, on_paper=True)
    with pytest.raises(WrongCode):
        second_factor.show_code(db, tenant, codes[0], KEY, on_paper=True)
    with db.reading() as session:
        assert recovery.left(session, tenant) == 9
        assert not {row.digest for row in session.scalars(select(RecoveryCode))}.intersection(codes)
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "recovery_code_used"))
        assert event.facts == {"left": 9}


def test_a_new_set_ends_the_old_one_and_belongs_to_one_login(db, cast, tenant):
    with db.writing() as session:
        old, new = recovery.make(session, tenant), recovery.make(session, tenant)
    for login, code in ((tenant, old[0]), (cast.logins["neighbour"], new[0])):
        with pytest.raises(WrongCode):
            second_factor.show_code(db, login, code, KEY, on_paper=True)
    second_factor.show_code(db, tenant, new[0], KEY, on_paper=True)


# ---- Removing --------------------------------------------------------------------------------------------------------


def test_who_needs_a_factor_keeps_the_last_one(db, tenant):
    with db.writing() as session:
        totp.add(session, tenant, "Tablet", SECRET[::-1], totp.code(SECRET[::-1]), KEY)
        recovery.make(session, tenant)
        first, second = factor.held(session, tenant)
        factor.remove(session, first, needed=True)
        with pytest.raises(factor.LastFactor):
            factor.remove(session, second, needed=True)
        assert recovery.left(session, tenant) == 10
        factor.remove(session, second, needed=False)
        assert not factor.has(session, tenant) and recovery.left(session, tenant) == 0


def test_each_change_is_told_by_mail_though_no_mail_was_asked_for(db, tenant):
    with db.writing() as session:
        recovery.make(session, tenant)
        second_factor.reset(session, tenant)
    with db.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "mail")).all()
        assert [job.payload["kind"] for job in jobs] == ["factor", "factor"]
        assert not session.scalar(select(Factor.id))


def test_two_uses_of_a_code_at_once_are_one(db, tenant):
    from concurrent.futures import ThreadPoolExecutor

    def show(_):
        try:
            second_factor.show_code(db, tenant, code, KEY)
        except WrongCode:
            return False
        return True

    code = at(0)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(show, range(4))) == 1
