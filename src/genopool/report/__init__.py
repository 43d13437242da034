"""The report: `render_report(ReportInputs(...))` gives one self-contained HTML page."""

from genopool.report.inputs import Figure, Locus, ReportInputs
from genopool.report.page import render_report

__all__ = ["Figure", "Locus", "ReportInputs", "render_report"]
