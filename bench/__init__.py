"""Measures the bars of the project on the demo: `make bench`, or one of them: `.venv/bin/python -m bench speed`."""
