"""Baujat plots against the definitions of Baujat et al. (2002), study by study."""

import numpy as np
import pytest

CLOSE = 1e-4  # of values read off an axis of 400 points


def equal_effects(y, v):
    w = 1 / v
    return np.sum(w * y) / w.sum(), 1 / w.sum()


def expected(case):
    """Part in Q, and squared change of the mean over the variance of the mean without the study."""
    y, v = np.array(case["log_or"]), np.array(case["variance"])
    mean, _ = equal_effects(y, v)
    influence = []
    for j in range(len(y)):
        without, variance = equal_effects(np.delete(y, j), np.delete(v, j))
        influence.append((without - mean) ** 2 / variance)
    return (y - mean) ** 2 / v, np.array(influence)


def test_marks_are_the_parts_of_q_and_the_influences(il8_pools, picture_of, metafor_il8):
    case = metafor_il8["dominant"]
    picture = picture_of(il8_pools, "baujat", "recessive")  # dominant of the other allele
    xs, ys = picture.centres("studies").T
    found = np.array([picture.scale("axis")(xs), picture.scale("y axis")(ys)])
    parts, influence = expected(case)
    q = next(row["q"] for row in case["inverse_variance"] if row["method"] == "REML")
    assert parts.sum() == pytest.approx(q)
    order, ours = np.argsort(parts), np.argsort(found[0])
    assert found[0][ours] == pytest.approx(parts[order], abs=CLOSE * parts.max())
    assert found[1][ours] == pytest.approx(influence[order], abs=CLOSE * influence.max())


def test_the_most_notable_studies_are_named(il8_pools, picture_of, metafor_il8):
    case = metafor_il8["dominant"]
    picture = picture_of(il8_pools, "baujat", "recessive")
    parts, influence = expected(case)
    studies = np.array(case["table"]["study"])
    for values in (parts, influence):
        assert studies[np.argmax(values)] in picture.strings
    assert 3 <= len(set(studies) & set(picture.strings)) <= 10


def test_identical_studies_make_a_figure(make_pools, picture_of):
    row = "SNP,50,60,20,60,55,15"
    table = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    table += "\n".join(f"S{i},{row}" for i in range(4))
    pools = make_pools({"a.csv": table}, "outcome: disease\nloci: {SNP: {alleles: A/C}}\n")
    picture = picture_of(pools, "baujat")
    assert len(picture.shapes("studies")) == 4
    assert not {"S0", "S1", "S2", "S3"} & set(picture.strings)


def test_what_the_caption_says(il8_pools, picture_of):
    said = " ".join(picture_of(il8_pools, "baujat").strings)
    assert "TA + AA vs TT (effect allele A, dominant model)" in said
    assert "higher odds of gastric cancer with TA + AA" in said
    assert "26 studies." in said and "Baujat et al. 2002" in said and "What to look for" in said
