"""The page as a whole: what it holds, in which order, and that it is self-contained."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest

from genopool.report import Figure, Locus, render_report
from genopool.report.inputs import ReportInputs

LINKS = re.compile(r"https://(doi\.org/10\.|pubmed\.ncbi\.nlm\.nih\.gov/\d+/$)|#")


@pytest.fixture(scope="module")
def page(make_inputs, parse):
    return parse(render_report(make_inputs()))


def section(page, ident):
    return next(e for e in page.all("section") if e.attributes.get("id") == ident)


def tables_of(element, words):
    return [t for t in element.all("table") if words in next(t.all("caption")).text]


def rows_of(table):
    return [[cell.text for cell in row.all("th", "td")] for row in table.all("tr")]


def test_sections_stand_in_reading_order(page):
    found = [e.attributes["id"] for e in page.all("section") if "id" in e.attributes]
    assert [i for i in found if not i.startswith("locus-")] == [
        "account",
        "findings",
        "summary",
        "elsewhere",
        "methods",
        "provenance",
        "references",
    ]
    loci = [i for i in found if i.startswith("locus-") and ":" not in i]
    assert loci == ["locus-IGF1_CA", "locus-IGFBP3_A-202C", "locus-IGF1R_rs28674628"]
    assert found.index("findings") < found.index(loci[0]) < found.index("elsewhere")


def test_ids_are_unique_and_inner_links_arrive(page):
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("href", "aria-labelledby"):
            target = element.attributes.get(name, "")
            if name == "aria-labelledby" and target:
                target = f"#{target}"
            if target.startswith("#"):
                assert target[1:] in ids, f"{name} {target} arrives nowhere"


def test_names_of_loci_cannot_make_two_ids_one(make_inputs, parse, frame):
    keys = ["X", "X-1", "X-heading", "X-studies", "X.1"]
    loci = [Locus(key, alleles=("A", "C"), effect_alleles=("C", "A")) for key in keys]
    rows = [dict(locus=key, study="A", unit="genotype", genotype="AA", cases=1) for key in keys]
    page = parse(render_report(make_inputs(loci=loci, studies=frame("studies", *rows))))
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_figures_keep_their_own_clip_paths(page):
    svgs = [e for e in page.all("svg") if e.attributes.get("role") == "img"]
    assert len(svgs) == 4
    for svg in svgs:
        inside = {e.attributes["id"] for e in svg.all() if "id" in e.attributes}
        used = {v[5:-1] for e in svg.all() for v in e.attributes.values() if v.startswith("url(#")}
        used |= {e.attributes["href"][1:] for e in svg.all("use")}
        assert used == inside
        assert len(used) == 2


def test_nothing_outside_is_linked_but_doi_and_pubmed(page):
    for element in page.all():
        assert "src" not in element.attributes
        if "href" in element.attributes and element.tag != "link":
            assert LINKS.match(element.attributes["href"])
    assert [e.attributes["href"] for e in page.all("link")] == ["data:,"]
    assert not list(page.all("script", "iframe", "object", "embed", "form", "base", "img"))


def test_style_sheet_asks_for_nothing_outside(page):
    for element in page.all("style"):
        assert "@import" not in element.text
        for address in re.findall(r"url\(([^)]*)", element.text):
            assert address.startswith("data:font/woff;base64,")


def test_a_policy_forbids_scripts_and_requests(page):
    policy = next(
        e.attributes["content"]
        for e in page.all("meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_every_table_has_a_caption_and_scoped_headings(page):
    tables = list(page.all("table"))
    assert len(tables) > 10
    numbers = []
    for table in tables:
        caption = next(table.all("caption")).text
        numbers.append(int(re.match(r"Table (\d+)\. ", caption)[1]))
        for heading in table.all("th"):
            assert heading.attributes["scope"] in ("col", "row", "colgroup", "rowgroup")
            assert heading.text
    assert numbers == list(range(1, len(tables) + 1))


def test_no_cell_is_silently_blank(page):
    for table in page.all("table"):
        for cell in (c for body in table.all("tbody") for c in body.all("td", "th")):
            assert cell.text or list(cell.all("svg"))
            assert cell.text not in ("nan", "None", "–")  # a dash carries its reason


def test_rows_are_as_long_as_their_headings(page):
    for table in page.all("table"):
        widths = {
            sum(int(c.attributes.get("colspan", 1)) for c in row.all("th", "td"))
            for row in table.all("tr")
        }
        assert len(widths) == 1


def test_headings_descend_by_one(page):
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4", "h5")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_figures_have_words_for_those_who_cannot_see_them(page):
    for svg in page.all("svg"):
        if svg.attributes.get("aria-hidden") != "true":
            assert svg.attributes["aria-label"].startswith("Forest plot of IGFBP3 A-202C")


def test_captions_say_what_is_compared_and_which_side_is_which(page):
    frequency = "Frequency of C in controls: 36.9%"
    captions = [c.text for c in page.all("figcaption")]
    assert len(captions) == 4
    for caption in captions:
        exposed = "CC" if "homozygous" in caption else "AC + CC"
        assert caption.count(f"{exposed} vs AA;") == 1
        assert caption.count(f"above 1, higher odds of breast cancer with {exposed}.") == 1
        assert caption.count(f"{frequency}.") == 1
    pooled = section(page, "locus-IGFBP3_A-202C")
    for table in tables_of(pooled, "odds ratios"):
        caption = next(table.all("caption")).text
        assert "Above 1: higher odds of breast cancer" in caption
        assert f"{frequency} (1 control group)." in caption


def test_a_caption_of_the_caller_stands_as_it_is(make_inputs, parse):
    figures = {
        "IGFBP3_A-202C": [
            Figure(
                "<svg viewBox='0 0 9 9'><text>a</text></svg>",
                "C",
                "dominant",
                "overall",
                "Seen.",
                "Said.",
            )
        ]
    }
    page = parse(render_report(make_inputs(figures=figures)))
    assert [c.text for c in page.all("figcaption")] == ["Figure 1. Said."]
    assert "Seen." in [e.attributes.get("aria-label") for e in page.all("svg")]


def test_a_locus_without_data_says_so_and_has_no_tables(page):
    empty = section(page, "locus-IGF1R_rs28674628")
    assert "No data. No study table has a row for this locus" in empty.text
    assert not list(empty.all("table", "svg"))
    assert "No result for any model: no study answers this." in section(page, "summary").text


def test_a_locus_with_rows_and_no_result_shows_its_rows(page):
    locus = section(page, "locus-IGF1_CA")
    assert "No result. Study tables have rows for this locus" in locus.text
    assert len(list(locus.all("table"))) == 1
    assert "HR, not an odds ratio" in locus.text


def test_published_numbers_are_printed_as_in_the_paper(page):
    homozygous = tables_of(section(page, "locus-IGFBP3_A-202C"), "pooled odds ratios overall")
    row = next(r for r in rows_of(homozygous[0]) if r[0].startswith("homozygous"))
    assert row[2:4] == ["16.24", "[7.90, 33.36] b , e"]  # the marks of its footnotes


def test_reported_estimates_are_owned_up_to(page):
    locus = section(page, "locus-IGFBP3_A-202C")
    assert "They were found in abstracts" in locus.text
    assert "lean to positive results" in locus.text
    beside = rows_of(tables_of(locus, "counts alone")[0])
    assert [row[2:] for row in beside[2:]] == [
        ["2", "1", "3.36", "[< 0.001, > 99,999]", "1", "8.09", "[4.12, 15.91]"]
    ]
    assert "abstracts" not in section(page, "locus-IGF1_CA").text


def test_what_is_missing_carries_its_reason(page):
    overall = tables_of(section(page, "locus-IGFBP3_A-202C"), "pooled odds ratios overall")[0]
    dashes = [e for e in overall.all("span") if e.attributes.get("class") == "na"]
    assert dashes
    assert {e.attributes["title"] for e in dashes} == {
        "one study: its own estimate with a Wald interval, no heterogeneity"
    }


def test_reconstructed_numbers_say_so_wherever_they_are_shown(page):
    locus = section(page, "locus-IGFBP3_A-202C")
    said = "Rests on reconstructed numbers of Arafat 2025."
    for words in (
        "Hardy-Weinberg",
        "pooled odds ratios overall",
        "counts alone",
        "printed, beside",
    ):
        figure = next(
            f for f in locus.all("figure") for t in tables_of(f, words) if f.children and t
        )
        assert said in next(figure.all("ul")).text, words
    assert all(said in caption.text for caption in locus.all("figcaption"))
    summary = tables_of(section(page, "summary"), "Pooled odds ratios")[0]
    chips = [e.text for e in summary.all("span") if e.attributes.get("class") == "chip"]
    assert chips.count("reconstructed") == 2
    assert "Rests on" not in section(page, "locus-IGF1_CA").text


def test_findings_say_what_where_why_and_what_was_done(page):
    findings = section(page, "findings")
    warning = rows_of(tables_of(findings, "Warnings")[0])[1]
    assert "controls depart from equilibrium" in warning[1]
    assert "p = 6e-06" in warning[1]
    assert "p of 0.05 or more" in warning[1]
    assert "Arafat 2025, IGFBP3_A-202C" in warning[0]
    assert "arafat_2025.csv, row 2" in warning[0]
    assert warning[2:] == ["genotyping error can do this", "the study is pooled"]
    assert findings.text.index("Warnings 1") < findings.text.index("Notes 1")


def test_rows_left_out_of_a_pool_are_listed(page):
    table = tables_of(section(page, "locus-IGFBP3_A-202C"), "could have entered")[0]
    assert rows_of(table)[1] == [
        "Arafat 2025",
        "premenopausal",
        "contained in row 2",
        "C dominant (overall)",
    ]


def test_provenance_is_complete(page):
    provenance = section(page, "provenance").text
    for words in ("genopool 0.1.0", "ab" * 32, "data/studies/arafat_2025.csv", "title: IGF"):
        assert words in provenance


def test_references_are_listed_once(page):
    listed = [item.text for item in section(page, "references").all("li")]
    assert "Arafat 2025. doi:10.1371/journal.pone.0325289" in listed
    assert "Ladd 2007. PMID 15386404" in listed
    assert "Chen 2008. no DOI or PMID in the tables" in listed
    assert len(listed) == len(set(listed))


def test_same_inputs_same_bytes_in_another_process(make_inputs, tmp_path):
    import pickle

    source = tmp_path / "inputs.pickle"
    source.write_bytes(pickle.dumps(make_inputs()))
    program = (
        "import pickle, sys; from genopool.report import render_report\n"
        f"page = render_report(pickle.load(open({str(source)!r}, 'rb')))\n"
        "sys.stdout.buffer.write(page.encode())"
    )
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True
    )
    assert run.stdout == render_report(make_inputs()).encode()


def test_an_empty_project_still_has_a_report(make_inputs, parse, frame):
    names = ("studies", "estimates", "integrity", "hwe", "effects", "pooled", "strata", "account")
    empty = {name: frame(name) for name in names}
    page = parse(
        render_report(make_inputs(**empty, published=None, pooled_counts_only=None, figures={}))
    )
    assert "0 rows in 0 tables were read" in section(page, "account").text
    assert "Nothing was found" in section(page, "findings").text


def test_a_missing_column_is_named(make_inputs):
    inputs = make_inputs()
    with pytest.raises(ValueError, match="pooled lacks the columns k, or"):
        replace(inputs, pooled=inputs.pooled.drop(columns=["k", "or"]))
    assert isinstance(inputs, ReportInputs)


@pytest.mark.parametrize(
    ("pooling", "heading"),
    [
        ({"tau2": "REML"}, "95% CI"),
        ({"method": "peto", "level": 0.9}, "90% CI"),
        ({"method": "bayes", "level": 0.99}, "99% credible interval"),
    ],
)
def test_headings_name_the_interval_in_use(make_inputs, parse, pooling, heading):
    page = parse(render_report(make_inputs(configuration={"pooling": pooling})))
    for ident, words in (
        ("summary", "Pooled odds ratios"),
        ("locus-IGFBP3_A-202C", "pooled odds ratios overall"),
        ("locus-IGFBP3_A-202C", "beside ours"),
        ("locus-IGFBP3_A-202C", "counts alone"),
    ):
        table = tables_of(section(page, ident), words)[0]
        assert heading in [cell.text for cell in next(table.all("thead")).all("th")]


def test_columns_that_a_method_has_no_numbers_for_are_left_out(make_inputs, parse, frame):
    pooled = make_inputs().pooled.copy()
    for column in ("p_value", "tau2", "tau2_ci_low", "tau2_ci_high", "pi_low", "pi_high"):
        pooled[column] = ""
    page = parse(render_report(make_inputs(pooled=pooled)))
    summary = tables_of(section(page, "summary"), "Pooled odds ratios")[0]
    headings = [cell.text for cell in next(summary.all("thead")).all("th")]
    assert [h for h in headings if "scale" not in h] == [
        "Model", "Studies cases / controls", "OR", "95% CI", "I²",
    ]  # fmt: skip
    overall = tables_of(section(page, "locus-IGFBP3_A-202C"), "pooled odds ratios overall")[0]
    headings = [cell.text for cell in next(overall.all("thead")).all("th")]
    assert headings[1:] == [
        "Model", "Studies cases / controls", "OR", "95% CI", "I² H²", "Q (df) p",
    ]  # fmt: skip


def test_a_caution_of_the_method_stands_before_the_results(make_inputs, parse):
    page = parse(render_report(make_inputs(configuration={"pooling": {"method": "CM.AL"}})))
    assert "needs an exposure that is rare" in section(page, "summary").text
    assert "needs an exposure" not in parse(render_report(make_inputs())).text


def test_it_opens_without_a_message_or_a_request(make_inputs, open_report, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(render_report(make_inputs()), encoding="utf-8")
    opened = open_report(path)
    assert not opened.messages
    assert not opened.outside
    # The embedded typeface is what the figures are measured for.
    loaded = "() => document.fonts.ready.then(f => [...f].map(x => [x.family, x.status]))"
    fonts = opened.page.evaluate(loaded)
    assert ['"DejaVu Sans"', "loaded"] in fonts or ["DejaVu Sans", "loaded"] in fonts
    for width in (390, 1280):
        opened.page.set_viewport_size({"width": width, "height": 900})
        overflow = "() => document.documentElement.scrollWidth - window.innerWidth"
        assert opened.page.evaluate(overflow) <= 0
    # On a screen of 1280 no table is wider than its place.
    opened.page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
    wider = (
        "() => [...document.querySelectorAll('figure.table')].filter(f => {"
        "const s = f.querySelector('.scroll'); return s.scrollWidth > s.clientWidth})"
        ".map(f => f.id)"
    )
    assert opened.page.evaluate(wider) == []
