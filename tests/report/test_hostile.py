"""Cells are other people's text: whatever they hold, the page shows it and does nothing else."""

import pytest

from genopool.report import Locus, render_report

HOSTILE = [
    "<script>hacked = 1</script>",
    '"><img src=x onerror="hacked = 1">',
    "'><svg onload=hacked=1>",
    "javascript:hacked=1",
    "</style></title></textarea><script>hacked = 1</script>",
    "</caption></table><script>hacked = 1</script>",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("https://example.org","x")',
    "https://example.org/track.png",
    "&lt;script&gt;",
    "<!-- ",
    "\u202eevil\u202c \u0000 \ufeff",
]
# What the report groups and looks up by; the project's own names, checked before anything is read.
KEYS = frozenset(
    "locus effect_allele model stratifier stratum used kind severity unit measure".split()
)
FRAMES = ("studies", "estimates", "integrity", "checks", "hwe", "effects", "pooled", "strata",
          "account", "published", "pooled_counts_only")  # fmt: skip


def poisoned(inputs, payload):
    """The inputs with the payload in every cell that is not a number or a key."""
    changes = {}
    for name in FRAMES:
        frame = getattr(inputs, name).copy()
        for column in frame.columns:
            values = frame[column].tolist()
            if column not in KEYS and any(isinstance(v, str) and v for v in values):
                frame[column] = [payload if v and isinstance(v, str) else v for v in values]
        changes[name] = frame
    return changes


def render(make_inputs, payload):
    plain = make_inputs()
    loci = [
        Locus(locus.key, payload, payload, payload, locus.kind, locus.alleles, locus.effect_alleles)
        for locus in plain.loci
    ]
    return render_report(
        make_inputs(
            **poisoned(plain, payload),
            loci=loci,
            title=payload,
            outcome=payload,
            configuration_text=payload,
            inputs=[(payload, payload)],
            software={payload: payload},
            method_notes=[payload],
            configuration=dict(plain.configuration)
            | {"strata": {payload: {"groups": {payload: payload}}}},
        )
    )


@pytest.fixture(scope="module")
def harmless(make_inputs, parse):
    return parse(render(make_inputs, "harmless"))


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_cells_add_no_element_and_no_attribute(make_inputs, parse, harmless, payload):
    page = parse(render(make_inputs, payload))
    # The same elements with the same attributes as harmless text has, but for links made of it.
    shape = [[(e.tag, sorted(e.attributes)) for e in p.all()] for p in (page, harmless)]
    assert shape[0] == shape[1]
    for element in page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            if name in ("href", "src"):
                assert value.startswith(("#", "data:,", "https://doi.org/10.", "https://pubmed."))


@pytest.mark.parametrize("payload", HOSTILE[:4])
def test_hostile_cells_are_shown_as_they_are(make_inputs, parse, payload):
    page = parse(render(make_inputs, payload))
    shown = [e.text for e in page.all("h1", "h2", "td", "th", "pre", "li")]
    assert sum(payload in text for text in shown) > 50


def test_a_browser_runs_nothing(make_inputs, open_report, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(render(make_inputs, " ".join(HOSTILE)), encoding="utf-8")
    opened = open_report(path)
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("typeof hacked") == "undefined"
    assert not opened.messages
    assert not opened.outside
