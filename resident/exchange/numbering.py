"""Ids of rows to be: provisional ones, larger than any that a database has given."""

FIRST = 1 << 40
