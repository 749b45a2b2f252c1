"""Two who do something in the same moment: the second has to wait for the first, and to see what it did."""

from contextlib import contextmanager
from threading import Thread


@contextmanager
def meanwhile(db, second):
    """What is inside runs in a transaction, and is not committed before second(session) has begun in one of its own. Gives a
    list, in which the error of second stands at the end."""
    errors = []

    def run():
        try:
            with db.writing() as session:
                second(session)
        except Exception as error:
            errors.append(error)

    other = Thread(target=run)
    with db.writing() as session:
        yield session, errors
        session.flush()
        other.start()
        other.join(0.5)
        assert other.is_alive(), "the second did not wait"
    other.join(20)
