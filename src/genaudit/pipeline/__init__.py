"""Pipeline: a cohort's membership, its generations and its scores as Dagster assets.

This is the only part of the package that needs Dagster, which the extra ``pipeline`` installs. The assets delegate to
the rest of the package. These modules do not postpone annotations, because Dagster reads them at run time.
"""
