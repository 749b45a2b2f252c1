"""The desk's queue walks indexes: nothing is read as a whole, whatever is filtered."""

from bench import faults


def test_every_filter_of_the_queue_walks_an_index_from_its_key():
    for name, steps in faults.plans(rows=3_000).items():
        assert steps, name
        assert not [step for step in steps if step.startswith("SCAN")], (name, steps)
