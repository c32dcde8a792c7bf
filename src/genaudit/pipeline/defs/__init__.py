"""Assets and their checks; :mod:`genaudit.pipeline.definitions` loads every module of this package."""
