"""A mail server of our own, which may be told to refuse."""

import socket

import pytest
from aiosmtpd.controller import Controller

from tests.delivery.gateway import Gateway


class Box:
    """What arrived, as sent; `refusals` mails are refused first."""

    def __init__(self):
        self.mails, self.refusals, self.tried, self.unknown = [], 0, 0, False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.unknown:
            return f"450 <{address}> is not known here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        self.tried += 1
        if self.refusals:
            self.refusals -= 1
            return "451 not now"
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"


@pytest.fixture
def box():
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def gateway():
    gateway = Gateway()
    yield gateway
    gateway.stop()
