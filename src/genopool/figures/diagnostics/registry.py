"""Every kind of diagnostic figure.

Imports matplotlib, so that it is imported only where there is something to draw.
"""

from __future__ import annotations

from genopool.figures.diagnostics import baujat, funnel, galbraith, labbe
from genopool.figures.diagnostics.drawer import Drawer
from genopool.figures.diagnostics.members import too_few
from genopool.figures.diagnostics.repooled_forest import CUMULATIVE_FOREST, LEAVE_ONE_OUT_FOREST

#: In the order of `genopool.diagnostics.choice.FIGURES`.
DRAWERS: dict[str, Drawer] = {
    "funnel": Drawer(funnel.draw, too_few, by="strata"),
    "leave_one_out": LEAVE_ONE_OUT_FOREST,
    "cumulative": CUMULATIVE_FOREST,
    "baujat": Drawer(baujat.draw, too_few),
    "galbraith": Drawer(galbraith.draw, too_few, by="strata"),
    "labbe": Drawer(labbe.draw, labbe.why_not, by="strata"),
}
