"""Every kind of diagnostic figure.

Imports matplotlib, so that it is imported only where there is something to draw.
"""

from __future__ import annotations

from genopool.figures.diagnostics import (
    baujat,
    bubble,
    drapery,
    funnel,
    galbraith,
    gosh,
    influence_panel,
    labbe,
    sequential,
    specification_curve,
    ternary,
)
from genopool.figures.diagnostics.drawer import Drawer
from genopool.figures.diagnostics.members import no_pool, too_few
from genopool.figures.diagnostics.repooled_forest import CUMULATIVE_FOREST, LEAVE_ONE_OUT_FOREST

#: In the order of `genopool.diagnostics.choice.FIGURES`.
DRAWERS: dict[str, Drawer] = {
    "funnel": Drawer(funnel.draw, too_few, by="strata"),
    "leave_one_out": LEAVE_ONE_OUT_FOREST,
    "cumulative": CUMULATIVE_FOREST,
    "ternary": Drawer(ternary.draw, ternary.why_not, by="allele"),
    "sequential": Drawer(sequential.draw, sequential.why_not),
    "influence_panel": Drawer(influence_panel.draw, too_few),
    "baujat": Drawer(baujat.draw, too_few),
    "galbraith": Drawer(galbraith.draw, too_few, by="strata"),
    "labbe": Drawer(labbe.draw, labbe.why_not, by="strata"),
    "gosh": Drawer(gosh.draw, too_few),
    "drapery": Drawer(drapery.draw, no_pool),
    "bubble": Drawer(bubble.draw, bubble.why_not),
    "specification_curve": Drawer(specification_curve.draw, no_pool),
}
