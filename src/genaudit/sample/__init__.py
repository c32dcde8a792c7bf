"""Seeded sample stores, and one named fault for each finding code."""

from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import InjectedFault
from genaudit.sample.faults import FAULTS, UNPLANTABLE, parse_faults
from genaudit.sample.options import SampleOptions
from genaudit.sample.write import SampleSummary, write_sample

__all__ = [
    "FAULTS",
    "UNPLANTABLE",
    "Fault",
    "InjectedFault",
    "SampleOptions",
    "SampleSummary",
    "parse_faults",
    "write_sample",
]
