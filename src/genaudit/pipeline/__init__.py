"""The pipeline: a cohort's membership, its generations and its scores as Dagster assets.

The only part of the package that needs Dagster, which the extra ``pipeline`` brings along. The assets translate; what
they do is done by the rest of the package. They do without postponed annotations, which Dagster reads at run time.
"""
