"""Links are made only from values that look exactly like a DOI or a PMID."""

import pytest

from genopool.report import links


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("10.1371/journal.pone.0325289", "https://doi.org/10.1371/journal.pone.0325289"),
        ("10.1016/0197-2456(86)90046-2", "https://doi.org/10.1016/0197-2456(86)90046-2"),
        ("https://doi.org/10.1002/sim.1186", "https://doi.org/10.1002/sim.1186"),
        ("http://dx.doi.org/10.1002/sim.1186", "https://doi.org/10.1002/sim.1186"),
        ("doi: 10.1002/sim.1186", "https://doi.org/10.1002/sim.1186"),
    ],
)
def test_a_doi_is_linked(value, address):
    assert f'<a href="{address}" rel="noopener noreferrer">' in links.doi(value)


@pytest.mark.parametrize(
    "value",
    [
        "11.1000/x", "10.12/x", "10.1000/", "10.1000/a b", "10.1000/x\ny", "10.1000/<sici>",
        '10.1000/x" onmouseover="alert(1)', "javascript:alert(1)//10.1000/x",
        "https://evil.example/10.1000/x", "https://doi.org.evil.example/10.1000/x",
        "10.1000/x?y=1", "10.1000/x#y", "see 10.1000/x",
    ],
)  # fmt: skip
def test_what_is_no_doi_is_plain_text(value):
    printed = links.doi(value)
    assert "<" not in printed
    assert printed


@pytest.mark.parametrize("value", ["15386404", 15386404, 15386404.0, "PMID: 15386404"])
def test_a_pmid_is_linked(value):
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/15386404/"' in links.pmid(value)


@pytest.mark.parametrize(
    "value", ["0", "015", "123456789", "12a", "-5", "1.5", "１２３", "javascript:1", "PMC123"]
)
def test_what_is_no_pmid_is_plain_text(value):
    assert "<" not in links.pmid(value)


def test_a_brief_doi_has_its_number_as_a_title():
    printed = links.brief({"doi": "10.1002/sim.1186", "pmid": "12111919"})
    assert 'href="https://doi.org/10.1002/sim.1186"' in printed
    assert 'title="10.1002/sim.1186">DOI</a> <a href="https://pubmed' in printed
    assert links.brief({"doi": '10.1000/x" onmouseover="alert(1)'}) == links.doi(
        '10.1000/x" onmouseover="alert(1)'
    )
    assert links.brief({}) == ""


def test_nothing_is_nothing():
    assert links.both({"doi": None, "pmid": None}) == ""
    assert links.both({}) == ""
