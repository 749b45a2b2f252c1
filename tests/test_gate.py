"""What opens before what: the second factor, an own password, proof before sensitive acts, and looking as a resident."""

import re

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.people.sign_in import LoginSession, digest


def test_what_is_sensitive_asks_again_after_a_quarter_of_an_hour(client, cast, later):
    office = client("office")
    office.get(f"/desk/people/{cast.tenant}/sign-in")
    later(minutes=16)
    asked = office.post(f"/desk/people/{cast.tenant}/sign-in/disable", 401)
    assert "Confirm that it is you" in asked.text
