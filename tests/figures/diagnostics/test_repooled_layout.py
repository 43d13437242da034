"""Nothing overlaps and nothing is cut off in leave-one-out and cumulative forest plots."""

import numpy as np
import pytest

from genopool.figures.diagnostics.draw import question_of
from genopool.figures.diagnostics.registry import DRAWERS

# Another font may be this much wider than DejaVu Sans, and still nothing overlaps.
WIDER = 1.10
MARGIN = 5
# A dot at an end of the axis is half beyond it, and the arrow of a diamond that is cut off wholly.
BEYOND = {"dots": 3, "arrows": 4.9}
CONFIG = "outcome: disease\nmodels: [{model}]\nloci: {{SNP: {{alleles: A/C}}}}\n{more}\n"


def studies(number, name="Study {:02d}", people=300, share=0.3):
    rng = np.random.default_rng(number)
    genotypes = ((1 - share) ** 2, 2 * share * (1 - share), share**2)
    rows = ["study,year,locus,genotype,cases,controls"]
    for i in range(number):
        groups = [rng.multinomial(people + 20 * i, genotypes) for _ in range(2)]
        for genotype, cases, controls in zip(("AA", "AC", "CC"), *groups, strict=True):
            rows.append(f"{name.format(i)},{1990 + i % 30},SNP,{genotype},{cases},{controls}")
    return "\n".join(rows)


LONG = "Consortium for the study of everything in sixty characters {:02d}"
CASES = {
    "three studies": (studies(3), "dominant", ""),
    "100 studies": (studies(100), "allelic", ""),
    "long names": (studies(7, LONG), "dominant", ""),
    "unbroken names": (studies(4, "x" * 90 + "{}"), "dominant", ""),
    "other scripts": (studies(4, "王 {} 🎉"), "additive", ""),
    "tiny": (studies(5, people=14, share=0.1), "homozygous", ""),
    "huge": (studies(4, people=90_000_000), "additive", ""),
    "simulated": (studies(4), "recessive", "simulated: true"),
    "bayes": (studies(4, people=60), "dominant", "pooling: {method: bayes}"),
    "exact": (studies(5, people=12, share=0.1), "recessive", "pooling: {method: exact}"),
    "peto": (studies(5, people=50), "dominant", "pooling: {method: peto}"),
    "one stage": (studies(4, people=50), "dominant", "pooling: {method: UM.FS}"),
    "low level": (studies(4), "dominant", "pooling: {level: 0.999}"),
}


@pytest.fixture(params=[(case, kind) for case in CASES for kind in ("leave_one_out", "cumulative")],
                ids=" ".join)  # fmt: skip
def picture(request, make_pools, drawn):
    case, kind = request.param
    table, model, more = CASES[case]
    pools = make_pools({"a.csv": table}, CONFIG.format(model=model, more=more))
    assert DRAWERS[kind].why_not(pools, 0) == ""
    question = question_of(pools.config, "SNP", "C", model, pools.results)
    return drawn(DRAWERS[kind].draw(pools, 0, question, "overall"))


def test_no_texts_overlap_in_this_font_or_a_wider_one(picture):
    assert not picture.overlaps()
    assert not picture.overlaps(WIDER)
    boxes = picture.boxes_in_a_font(WIDER)
    assert boxes[:, 0].min() > MARGIN and boxes[:, 2].max() < picture.width - MARGIN


def test_everything_is_on_the_page_and_the_marks_on_the_axis(picture):
    assert picture.boxes.min() > MARGIN
    assert (picture.boxes[:, 2:] < (picture.width - MARGIN, picture.height - MARGIN)).all()
    (line, *_) = picture.shapes("axis")
    left, right = line[:, 0]
    for name in ("dots", "intervals", "arrows", "overall diamond", "overall interval", "rules"):
        for shape in picture.shapes(name):
            assert shape.min() > MARGIN
            assert (shape < (picture.width - MARGIN, picture.height - MARGIN)).all()
            if name != "rules":
                room = BEYOND.get(name, 1e-6)
                assert left - room <= shape[:, 0].min() and shape[:, 0].max() <= right + room
    (one,) = picture.shapes("no effect")
    inside = (picture.boxes[:, 0] < right) & (picture.boxes[:, 2] > left)
    inside &= (picture.boxes[:, 1] < one[1, 1]) & (picture.boxes[:, 3] > one[0, 1] + 2)
    assert not [s for s, here in zip(picture.strings, inside, strict=True) if here]
