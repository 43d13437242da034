"""The README works as written: a reader who types what it shows gets what it says.

How a block is read (CONTRIBUTING.md tells writers the same):

    ```sh                     commands, one to a line; `\\` at the end continues a line
    ```console                commands after `$ `; other lines are output, for the reader's eye
    ```python                 run with the environment's Python
    ```csv data/studies/x.csv a file to be created with this text; any language but yaml
    ```yaml config.yaml       an edit: keys are added to the file, or replaced if it has them
    ```text                   (or any other language without a path) only to be looked at

`git clone` with the `cd` after it, `make test` and what would call it are not run. A comment
`<!-- not run: why -->` on the line before a block leaves it out. Everything is run in order in one
shell, in a copy of the checkout, without the network. Then every path in backticks that begins with
`results/` (or `examples/NAME/results/`) must have been there; `{locus}` in it stands for any name.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
TIME_LIMIT = 600  # seconds, for all commands; they take well under a minute

BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<why>[^\n]+) -->\n)?^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.M | re.S,
)
NOT_RUN = re.compile(r"git clone|make\b.*\btest\b|pytest|(bash )?\.ci/run")
RESULT = re.compile(r"`((?:examples/[\w.-]+/)?results/[^`\s]*)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@dataclass(frozen=True)
class Step:
    """One thing that the README has its reader do: a command, a script, or a file to write."""

    kind: str  # command, python, file or edit
    text: str
    path: str = ""


def commands(text: str, prompt: str) -> list[str]:
    """The commands of a block, without those that are not run."""
    lines = re.sub(r"\\\n(?:> )?", "\\\n", text).replace("\\\n", "\0").splitlines()
    if prompt:
        lines = [line.removeprefix(prompt) for line in lines if line.startswith(prompt)]
    found, left_out = [], NOT_RUN
    for line in (line.replace("\0", "\\\n").strip() for line in lines):
        if "<<" in line:
            raise ValueError(f"README: show a file as a block of its own, not as {line!r}")
        if "git clone" in line:
            left_out = re.compile(rf"{NOT_RUN.pattern}|cd ")
        parts = [bool(left_out.match(part.strip())) for part in re.split(r"&&|;", line)]
        if any(parts) and not all(parts):
            raise ValueError(f"README: a command that is not run needs a line of its own: {line!r}")
        if line and not line.startswith("#") and not all(parts):
            found.append(line)
    return found


def steps(readme: str) -> list[Step]:
    """What a reader of `readme` does, in order."""
    found = []
    for block in BLOCK.finditer(readme):
        language, _, path = block["info"].strip().partition(" ")
        text = block["text"]
        if block["why"]:
            continue
        if language in ("sh", "bash", "shell"):
            found += [Step("command", command) for command in commands(text, "")]
        elif language == "console":
            found += [Step("command", command) for command in commands(text, "$ ")]
        elif path:
            found.append(Step("edit" if language == "yaml" else "file", text, path))
        elif language == "python":
            found.append(Step("python", text))
    return found


def key_of(line: str) -> str:
    """The key that a line of YAML begins with; the whole line if it has none."""
    return re.split(r":(?:\s|$)", line.strip(), maxsplit=1)[0].strip("\"'")


def entries(lines: list[str]) -> list[list[str]]:
    """Lines of one YAML mapping, cut into its entries; comments go with the entry before."""

    def depth(line: str) -> float:
        text = line.lstrip(" ")
        return float("inf") if not text or text.startswith("#") else len(line) - len(text)

    cut: list[list[str]] = []
    level = min(map(depth, lines), default=0)
    for line in lines:
        if depth(line) == level or not cut:
            cut.append([])
        cut[-1].append(line)
    return cut


def edited(yaml_text: str, edit: str) -> str:
    """`yaml_text` with the keys of `edit` added, or replaced where it has them, as by hand."""

    def merge(old: list[str], new: list[str]) -> list[str]:
        result = entries(old)
        for entry in entries(new):
            keys = [key_of(found[0]) for found in result]
            if key_of(entry[0]) not in keys:
                result.append(entry)
                continue
            place = keys.index(key_of(entry[0]))
            found = result[place]
            if len(entry) > 1 and re.match(r"[^#]*: *\{ *[^} ]", found[0]):
                raise ValueError(f"README: nothing can be put under {found[0].strip()!r}")
            if len(entry) > 1 and re.match(r"[^#]*:\s*(#.*)?$", found[0]):
                result[place] = found[:1] + merge(found[1:], entry[1:])
            else:
                result[place] = entry
        return [line for entry in result for line in entry]

    return "\n".join(merge(yaml_text.splitlines(), edit.splitlines())) + "\n"


def write(step: Step, checkout: Path) -> None:
    """Carry out a step that writes a file."""
    target = checkout / step.path
    if not target.resolve().is_relative_to(checkout.resolve()):
        raise ValueError(f"README: {step.path} is outside the checkout")
    target.parent.mkdir(parents=True, exist_ok=True)
    if step.kind == "edit" and target.exists():
        target.write_text(edited(target.read_text(encoding="utf-8"), step.text), encoding="utf-8")
    elif target.exists():
        raise ValueError(f"README: {step.path} is there already; a reader would overwrite it")
    else:
        target.write_text(step.text, encoding="utf-8")


class Reader:
    """Somebody at a shell in a fresh checkout, following the README to the letter."""

    def __init__(self, checkout: Path):
        self.checkout = checkout
        self.seen: set[str] = set()
        environment = Path(sys.prefix)
        # What `make test` has put in the way is not in the reader's way.
        kept = {name: value for name, value in os.environ.items() if "MAKE" not in name}
        kept.pop("VIRTUAL_ENV", None)
        path = [place for place in kept["PATH"].split(":") if place != f"{environment}/bin"]
        # The set-up is done (the Makefile's SETUP), and the package is the copy's own.
        ours = {"PATH": ":".join(path), "PYTHONPATH": f"{checkout}/src", "SETUP": "no"}
        self.variables = kept | ours
        (checkout / ".venv").symlink_to(environment)

    def follow(self, todo: list[Step]) -> str:
        """Do every step; the output of all. Raises AssertionError naming the step that failed."""
        said, state = [], self.checkout.parent / "shell-state"
        for number, step in enumerate(todo):
            if step.kind in ("file", "edit"):
                write(step, self.checkout)
                continue
            command = step.text
            if step.kind == "python":
                script = self.checkout.parent / f"block_{number}.py"
                script.write_text(step.text, encoding="utf-8")
                command = f".venv/bin/python {shlex.quote(str(script))}"
            said.append(f"$ {step.text}\n" + self.run(command, state))
        return "\n".join(said)

    def run(self, command: str, state: Path) -> str:
        """Run one command in a shell that goes on from where the last one stood."""
        # Variables and the folder last from command to command, as in the reader's one shell.
        before = f". {shlex.quote(str(state))}" if state.exists() else ""
        after = f'{{ declare -px; printf "cd %q\\n" "$PWD"; }} > {shlex.quote(str(state))}'
        result = subprocess.run(
            ["bash", "-c", f"{before}\nset -e -o pipefail\n{command}\n{after}"],
            cwd=self.checkout,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIME_LIMIT,
        )
        assert result.returncode == 0, f"README: `{command}` failed:\n{result.stdout}"
        for folder in (self.checkout, *self.checkout.glob("examples/*")):
            self.seen |= {
                str(path.relative_to(self.checkout)) for path in (folder / "results").rglob("*")
            }
        return result.stdout


def promised_results(readme: str) -> list[str]:
    """The result files and folders that the README's text names, as patterns."""
    prose = BLOCK.sub("", readme)
    return [
        re.sub(r"\\\{[^}]*\}|<[^>]*>", "[^/]*", re.escape(name.rstrip("/")))
        for name in RESULT.findall(prose)
        if name.split("results/", 1)[1]
    ]


def copy_checkout(target: Path) -> Path:
    """A copy of the files that git has, or would have, in this checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


def test_the_readme_works_as_written(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    todo = steps(readme)
    assert any(step.kind == "command" and step.text.split()[0] == "make" for step in todo)
    reader = Reader(copy_checkout(tmp_path / "genopool"))
    reader.follow(todo)
    missing = [
        pattern
        for pattern in promised_results(readme)
        if not any(re.fullmatch(pattern, name) for name in reader.seen)
    ]
    assert missing == [], f"the README names results that its commands do not make: {missing}"


def test_the_readme_links_to_files_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [link for link in LINK.findall(readme) if not (ROOT / link).exists()] == []


def test_files_to_create_are_named_in_the_text():
    """A reader of the rendered page sees neither a block's language nor the path beside it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    prose = BLOCK.sub("", readme)
    assert [
        step.path for step in steps(readme) if step.path and f"`{step.path}`" not in prose
    ] == []


# The rest tests the reader above on READMEs of its own.

SAMPLE = """# Sample
```sh
git clone ADDRESS sample
cd sample
make        # analyse
make test
```
Results in `results/{locus}/pooled.tsv` and `results/`.
```csv data/studies/mine.csv
study,locus
A,L1
```
```yaml config.yaml
strata:
  sex: {}
```
<!-- not run: needs a cluster -->
```sh
snakemake --workflow-profile profiles/slurm
```
```console
$ cat \\
>   data/studies/mine.csv
study,locus
```
```python
print("hello")
```
```text
never run
```
"""


def test_steps_are_found_in_order():
    assert steps(SAMPLE) == [
        Step("command", "make        # analyse"),
        Step("file", "study,locus\nA,L1\n", "data/studies/mine.csv"),
        Step("edit", "strata:\n  sex: {}\n", "config.yaml"),
        Step("command", "cat \\\n  data/studies/mine.csv"),
        Step("python", 'print("hello")\n'),
    ]


def test_promised_results_are_patterns():
    assert promised_results(SAMPLE) == [r"results/[^/]*/pooled\.tsv"]
    assert re.fullmatch(promised_results(SAMPLE)[0], "results/IGF1_CA/pooled.tsv")


@pytest.mark.parametrize(
    "line", ["make lint test", "pytest -q", "bash .ci/run", "git clone A B && cd B && make test"]
)
def test_what_would_call_the_tests_is_left_out(line):
    assert commands(line, "") == []


@pytest.mark.parametrize("line", ["git clone A B && make", "make && make test", "cat > x <<EOF"])
def test_a_line_that_can_only_half_be_run_is_refused(line):
    with pytest.raises(ValueError, match="README"):
        commands(line, "")


def test_a_reader_goes_on_in_the_same_shell(tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    said = Reader(checkout).follow(
        [
            Step("command", "mkdir -p results/L1 && cd results/L1"),
            Step("command", "export WHO=reader"),
            Step("file", "a,b\n", "data/mine.csv"),
            Step("command", 'cat ../../data/mine.csv && echo "I am $WHO" && cd ../..'),
            Step("python", "import sys; print(sys.prefix)"),
        ]
    )
    assert "a,b\nI am reader" in said
    assert Path(said.split()[-1]).samefile(sys.prefix)


def test_a_failing_command_is_named_with_what_it_said(tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    reader = Reader(checkout)
    with pytest.raises(AssertionError, match=r"(?s)`ls nowhere \| cat` failed.*cannot access"):
        reader.follow([Step("command", "ls nowhere | cat")])


CONFIG = """\
# A project
title: First
loci:
  L1: {kind: snp}
  # the second
  L2:
    kind: repeat

strata:   # how to split
  ethnicity:
    groups:
      European: [French]
models: [allelic]
"""


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        ("title: Second\n", {"title": "Second"}),
        ("level: 0.9\n", {"level": 0.9}),
        ("loci:\n  L3: {kind: snp}\n", {"loci": {"L3": {"kind": "snp"}}}),
        ("loci:\n  L2:\n    label: x\n", {"loci": {"L2": {"kind": "repeat", "label": "x"}}}),
        (
            "strata:\n  ethnicity:\n    groups:\n      Asian:\n        - Thai\n  sex: {}\n",
            {
                "strata": {
                    "ethnicity": {"groups": {"European": ["French"], "Asian": ["Thai"]}},
                    "sex": {},
                }
            },
        ),
        ("models:\n  - additive\n", {"models": ["additive"]}),
    ],
)
def test_an_edit_adds_or_replaces_keys(edit, change):
    before = yaml.safe_load(CONFIG)
    after = yaml.safe_load(edited(CONFIG, edit))
    for key, value in change.items():
        expected = before.get(key, {}) | value if isinstance(value, dict) else value
        assert after[key] == expected
    untouched = before.keys() - change.keys()
    assert {key: after[key] for key in untouched} == {key: before[key] for key in untouched}


def test_an_edit_that_would_drop_what_is_there_is_refused():
    with pytest.raises(ValueError, match="nothing can be put under"):
        edited(CONFIG, "loci:\n  L1:\n    label: x\n")


def test_an_edit_keeps_comments():
    assert "# A project\n" in edited(CONFIG, "title: x\n")
    assert "  # the second\n" in edited(CONFIG, "title: x\n")
