"""What the interactive notebooks show: one scan for all of them, rows that filters narrow, one generation up close.

Notebooks call these functions and lay out what comes back; they compute nothing themselves. All but
:mod:`genaudit.workbench.panels`, :mod:`genaudit.workbench.on_demand` and :mod:`genaudit.workbench.migration_panels`,
which make marimo's elements, is free of any notebook.
"""
