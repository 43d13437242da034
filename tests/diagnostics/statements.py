"""What every statement has to keep to, whatever its numbers."""

import re

FORBIDDEN = (
    r"\bprove[sdn]?\b",
    r"\bproof\b",
    r"\bno effect\b",
    r"\bno association between\b",
    r"\bcauses?\b",
    r"\bnan\b",
    r"\binf\b",
    r"\bNone\b",
    "\u2014",
    "  ",
    r"\(\s*\)",
    r" [,.;:]",
    r"\.\.",
    r"\b1 (studies|rows)\b",
    r"\bone (studies|rows)\b",
    r"\b(\w+) \1\b",
)
#: Characters; long names of loci and studies come on top.
LONGEST = 1500


def faults(text):
    """What is wrong with the form of a statement, empty if nothing is."""
    found = [pattern for pattern in FORBIDDEN if re.search(pattern, text)]
    if not text.endswith("."):
        found.append("no period at the end")
    if text.count("(") != text.count(")"):
        found.append("parentheses")
    # A sentence begins with a capital letter, a digit or a study's name.
    if re.search(r"\. [a-z]", text):
        found.append("a sentence begins with a small letter")
    if len(text) > LONGEST:
        found.append(f"{len(text)} characters")
    return found
