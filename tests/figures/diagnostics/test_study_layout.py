"""Figures of studies: nothing overlaps or leaves the page, whatever the studies and the method."""

import numpy as np
import pytest
from matplotlib.patches import PathPatch

from genopool.figures.diagnostics.registry import DRAWERS
from genopool.figures.saving import save_figure
from genopool.figures.wording import SIMULATED, SIMULATED_NOTE

KINDS = ("funnel", "baujat", "galbraith", "labbe", "bubble")
# Another font may be this much wider than DejaVu Sans, and still nothing overlaps.
WIDER = 1.10
MARGIN = 5
#: As the work on figures asks: readers open many of them at once.
MOST_KILOBYTES = 300
CONFIG = "outcome: gastric cancer\nmodels: [{model}]\nloci: {{SNP: {{alleles: A/C}}}}\n{more}\n"
HEADER = "study,locus,year,ethnicity," + ",".join(
    f"{group}_{genotype}" for group in ("cases", "controls") for genotype in ("AA", "AC", "CC")
)
STRATA = (
    "East Asian", "South Asian", "European", "African American, of the southern states",
    "Middle Eastern and North African", "Hispanic", "Pacific Islander", "Admixed Latin American",
    "Ashkenazi", "",
)  # fmt: skip


def studies(number, name="Study {:02d}", spread=0.3, least=40, most=3000):
    rng = np.random.default_rng(number)
    rows = [HEADER]
    for i in range(number):
        people, p = int(np.exp(rng.uniform(np.log(least), np.log(most)))), rng.uniform(0.15, 0.6)
        odds = p / (1 - p) * np.exp(rng.normal(0.2, spread))
        groups = [
            rng.multinomial(people, [(1 - f) ** 2, 2 * f * (1 - f), f * f])
            for f in (odds / (1 + odds), p)
        ]
        cells = [name.format(i), "SNP", 1990 + i % 30, STRATA[i % len(STRATA)], *groups[0]]
        rows.append(",".join(map(str, [*cells, *groups[1]])))
    return "\n".join(rows)


LONG = "Consortium for the study of everything in sixty characters {:02d}"
EXTREME = "\n".join(
    [studies(6), *(f"Extreme {n},SNP,{2000 + n},European,1,{n},{n},{n},1,0" for n in (200, 400))]
)
CASES = {
    "three": (studies(3), "dominant", ""),
    "twelve": (studies(12), "additive", ""),
    "100": (studies(100, spread=1.2, least=8, most=60_000), "dominant", ""),
    "long names": (studies(20, LONG), "allelic", ""),
    "other scripts": (studies(6, "王 {} $5_a^2$ <b>&amp; 🎉"), "recessive", "simulated: true"),
    "extreme": (EXTREME, "dominant", ""),
    "exact": (studies(6, most=90), "dominant", "pooling: {method: exact}"),
    "bayes": (studies(4), "dominant", "pooling: {method: bayes, level: 0.9}"),
    "equal effects": (studies(5), "dominant", "pooling: {tau2: EE}"),
}


@pytest.fixture(params=CASES)
def pools(request, make_pools):
    table, model, more = CASES[request.param]
    more += "\nstrata: {ethnicity: {}}"
    return make_pools({"a.csv": table}, CONFIG.format(model=model, more=more))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_overlaps_or_leaves_the_page(pools, picture_of, kind):
    model = pools.rows[0]["model"]
    for stratifier in ("overall", "ethnicity") if DRAWERS[kind].by == "strata" else ("overall",):
        picture = picture_of(pools, kind, model, stratifier)
        check_texts_and_shapes(picture)
        check_names_against_marks(picture)


def check_texts_and_shapes(picture):
    assert not picture.overlaps()
    assert not picture.overlaps(WIDER)
    boxes = picture.boxes_in_a_font(WIDER)
    assert boxes.min() > MARGIN and boxes[:, 2].max() < picture.width - MARGIN
    assert picture.boxes[:, 3].max() < picture.height - MARGIN
    names = {patch.get_label() for patch in picture.figure.findobj(PathPatch)}
    for name in names - {""}:
        for shape in picture.shapes(name):
            assert np.isfinite(shape).all()
            assert shape.min() > MARGIN
            assert (shape < (picture.width - MARGIN, picture.height - MARGIN)).all()


def check_names_against_marks(picture):
    """No name lies on a mark, and so none of the axis labels does either."""
    marks = np.array(
        [
            [*shape.min(axis=0), *shape.max(axis=0)]
            for name in ("studies", "filled in")
            for shape in picture.shapes(name)
        ]
    )
    # the box of a text is higher than its letters, by less than 2.5 points
    letters = picture.boxes + np.array([0, 2.5, 0, -2.5])
    low = np.maximum(letters[:, None, :2], marks[None, :, :2])
    high = np.minimum(letters[:, None, 2:], marks[None, :, 2:])
    on = np.argwhere((low < high).all(axis=2))
    assert [picture.strings[i] for i, _ in on] == []


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_studies_are_marked(make_pools, picture_of, kind):
    table, model, more = CASES["other scripts"]
    pools = make_pools({"a.csv": table}, CONFIG.format(model=model, more=more))
    text = " ".join(picture_of(pools, kind, model).strings)
    assert text.startswith(SIMULATED) and text.count(SIMULATED_NOTE) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_another_method_is_said(make_pools, picture_of, kind):
    table, *_ = CASES["twelve"]
    more = "pooling: {method: mantel-haenszel}"
    pools = make_pools({"a.csv": table}, CONFIG.format(model="dominant", more=more))
    assert "The configured method (mantel-haenszel)" in " ".join(picture_of(pools, kind).strings)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_rows_does_not_show_and_files_are_small(
    make_pools, picture_of, tmp_path, kind
):
    table, model, _ = CASES["100"]
    config = CONFIG.format(model=model, more="strata: {ethnicity: {}}")
    written = []
    for i, rows in enumerate((table.splitlines()[1:], table.splitlines()[:0:-1])):
        pools = make_pools({"a.csv": "\n".join([HEADER, *rows])}, config)
        by = "ethnicity" if DRAWERS[kind].by == "strata" else "overall"
        save_figure(picture_of(pools, kind, model, by).figure, tmp_path / f"{i}")
        written.append({p.suffix: p.read_bytes() for p in tmp_path.glob(f"{i}.*")})
    assert written[0] == written[1]
    assert max(map(len, written[0].values())) < 1000 * MOST_KILOBYTES


def test_few_studies_have_a_reason(make_pools):
    pools = make_pools({"a.csv": studies(2)}, CONFIG.format(model="dominant", more=""))
    for kind in KINDS:
        assert DRAWERS[kind].why_not(pools, 0) == "fewer than three studies"
