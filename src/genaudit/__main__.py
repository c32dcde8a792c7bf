"""Lets ``python -m genaudit`` stand for ``genaudit``."""

from genaudit.cli import main

main()
