"""Every kind of diagnostic figure.

Imports matplotlib, so that it is imported only where there is something to draw.
"""

from __future__ import annotations

from genopool.figures.diagnostics.drawer import Drawer

#: In the order of `genopool.diagnostics.choice.FIGURES`.
DRAWERS: dict[str, Drawer] = {}
