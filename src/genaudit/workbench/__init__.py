"""Data behind the interactive notebooks: one shared scan, filtered rows, and the detail of one generation.

Notebooks call these functions and lay out the results; they compute nothing themselves. Only
:mod:`genaudit.workbench.panels`, :mod:`genaudit.workbench.on_demand` and :mod:`genaudit.workbench.migration_panels`
    build marimo elements; the other modules do not depend on a notebook.
"""
