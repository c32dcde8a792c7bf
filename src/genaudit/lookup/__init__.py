"""Lookup of single generations in an audited store: where an id leads, and all facts about one generation.

:class:`~genaudit.lookup.generation.Lookup` is the entry: ``Lookup(run).find("d_5ezrffv9uf3lr37d")``.
"""
