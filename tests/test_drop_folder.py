"""Files that wait to be read, and those that are kept for a while after."""

import os
from datetime import timedelta

from resident import clock, drop_folder

DAY = timedelta(days=1)


def test_a_file_goes_when_it_was_kept_for_as_long_as_its_kind_is_and_waits_for_nobody(tmp_path):
    aged = {"old.xml": 61, "new.xml": 59, "old.stage": 2, "new.stage": 0, "waits.xml": 61}
    for name, days in aged.items():
        (tmp_path / name).write_text("x")
        at = (clock.now() - days * DAY).timestamp()
        os.utime(tmp_path / name, (at, at))
    (tmp_path / "done").mkdir()
    os.utime(tmp_path / "done", (0, 0))
    assert drop_folder.sweep([tmp_path], {"waits.xml"}, lambda path: DAY if path.suffix == ".stage" else 60 * DAY) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"new.xml", "new.stage", "waits.xml", "done"}
