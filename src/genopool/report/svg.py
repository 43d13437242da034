"""Figures set into the page: cleaned, with ids of their own and colours that follow the theme.

A figure holds study names, which are other people's text, so it is parsed and written anew from a
list of what a drawing needs; scripts, event handlers, outside references and embedded pages are
not on it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree import ElementTree

from markupsafe import Markup, escape

_DRAWN = "svg g path rect circle ellipse line polyline polygon text tspan use"
_DEFINED = "defs clipPath mask marker symbol pattern linearGradient radialGradient stop"
_ELEMENTS = frozenset([*_DRAWN.split(), *_DEFINED.split()])
_LENGTH = re.compile(r"\s*([0-9.]+)\s*(px|pt|in|mm|cm|)\s*")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54}
_LOCAL = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_COLOUR_PROPERTIES = frozenset(["fill", "stroke", "color", "stop-color"])
# A variable works in a style, not in every browser's reading of an attribute.
_UNSAFE_STYLE = re.compile(
    r"expression|javascript:|@|/\*|url\((?!\s*['\"]?#)|[<>{}\\]", re.IGNORECASE
)
_SPECIAL = re.compile("[&<>\"']")
_UNIVERSAL = re.compile(r"\*\s*\{([^{}]*)\}")


@dataclass
class Inliner:
    """Sets SVGs into one page and remembers what they need of it: styles, colours, characters.

    Every text and line of a figure has its style, a few different ones in all; as classes of the
    page's style sheet they take half the space.
    """

    colours: set[str] = field(default_factory=set)
    characters: set[str] = field(default_factory=set)
    classes: dict[str, str] = field(default_factory=dict)

    def inline(self, source: str, prefix: str, label: str) -> Markup:
        """A figure as markup for the page.

        Parameters
        ----------
        source : str
            The SVG file's text.
        prefix : str
            Begins every id in the figure; unique in the page.
        label : str
            What it shows, for those who cannot see it.

        Raises
        ------
        ValueError
            If it is not well-formed, not an SVG, declares entities, or has a style sheet other
            than the one rule for all elements (`*{…}`) that matplotlib writes.
        """
        if "<!ENTITY" in source:
            raise ValueError(f"figure {prefix}: entity declarations are not accepted")
        try:
            # The document type would only name a DTD, and entities are not needed.
            root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>\[]*>", "", source, count=1))
        except ElementTree.ParseError as error:
            raise ValueError(f"figure {prefix}: not well-formed SVG: {error}") from None
        if _local(root.tag) != "svg":
            raise ValueError(f"figure {prefix}: expected an svg element, not {_local(root.tag)}")
        width, height, box = _size(root, prefix)
        style = "".join(_style_sheet(element, prefix) for element in root.iter())
        style += _kept_style(root.get("style", ""))
        wanted = _referenced(root)
        attributes = {
            "class": f"plot {self._class(style)}" if style else "plot",
            "role": "img",
            "aria-label": label,
            "viewBox": box,
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
        }
        parts = [f"<svg{_written(attributes)}>"]
        for child in root:
            self._write(child, prefix, wanted, parts)
        parts.append("</svg>")
        return Markup("".join(parts))

    def _write(
        self, element: ElementTree.Element, prefix: str, wanted: set[str], parts: list[str]
    ) -> None:
        tag = _local(element.tag)
        if tag not in _ELEMENTS:
            return
        attributes: dict[str, str] = {}
        style = ""
        for name, value in element.attrib.items():
            if name[0] == "{":
                name = _local(name)
            if name == "id":
                if value in wanted:
                    attributes["id"] = f"{prefix}-{value}"
            elif name == "href":
                if value.startswith("#"):
                    attributes["href"] = f"#{prefix}-{value[1:]}"
            elif name == "style":
                style += _kept_style(value)
            elif name in _COLOUR_PROPERTIES and _COLOUR.fullmatch(value):
                # A style wins over an attribute, so the element's own style comes after.
                style = f"{name}: {value};{style}"
            elif name == "class" or name[:2].lower() == "on":
                continue
            elif "(" not in value:
                attributes[name] = value
            elif not _UNSAFE_STYLE.search(value):
                attributes[name] = _LOCAL.sub(rf"url(#{prefix}-\2)", value)
        if "url(" in style:
            style = _LOCAL.sub(rf"url(#{prefix}-\2)", style)
            attributes["style"] = self._coloured(style)
        elif style:
            attributes["class"] = self._class(style)
        content = element.text or ""
        is_text = tag in ("text", "tspan")
        if is_text:
            self.characters.update(content)
        elif not len(element) and tag == "g":
            return
        is_bare = tag == "g" and not attributes
        if not is_bare:
            parts.append(f"<{tag}{_written(attributes)}>{_escaped(content) if is_text else ''}")
        for child in element:
            self._write(child, prefix, wanted, parts)
            if is_text and child.tail:
                self.characters.update(child.tail)
                parts.append(_escaped(child.tail))
        if not is_bare:
            parts.append(f"</{tag}>")

    def _class(self, style: str) -> str:
        """The class of a style that names nothing inside its own figure."""
        return self.classes.setdefault(self._coloured(style), f"s{len(self.classes)}")

    def _coloured(self, style: str) -> str:
        found = _COLOUR.findall(style)
        if not found:
            return style
        self.colours.update(_six(colour) for colour in found)
        return _with_variables(style)

    def rules(self) -> str:
        """The classes met so far as rules of a style sheet."""
        rules = (f".plot.{c},.plot .{c}{{{style}}}" for style, c in self.classes.items())
        return "\n".join(rules)

    def palette(self, scheme: str) -> str:
        """The custom properties of the colours met so far, for the `light` or `dark` scheme."""
        translate = _six if scheme == "light" else dark
        return "".join(f"--c{c[1:]}:{translate(c)};" for c in sorted(self.colours))


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1] if isinstance(name, str) else ""


def _size(root: ElementTree.Element, prefix: str) -> tuple[float, float, str]:
    box = root.get("viewBox", "")
    numbers = [float(n) for n in re.findall(r"-?[0-9.]+(?:e-?\d+)?", box)]
    sides = []
    for position, name in enumerate(("width", "height")):
        length = _LENGTH.fullmatch(root.get(name, ""))
        if length:
            sides.append(float(length[1]) * _PIXELS[length[2]])
        elif len(numbers) == 4:
            sides.append(numbers[2 + position])
        else:
            raise ValueError(f"figure {prefix}: the svg element has neither {name} nor viewBox")
    box = " ".join(f"{n:g}" for n in numbers) if len(numbers) == 4 else ""
    return sides[0], sides[1], box or f"0 0 {sides[0]:g} {sides[1]:g}"


def _style_sheet(element: ElementTree.Element, prefix: str) -> str:
    """The declarations of a style sheet's rule for all elements, to stand on the root.

    Left where it is, a figure's style sheet would hold for the whole page.
    """
    if _local(element.tag) != "style":
        return ""
    sheet = (element.text or "").strip()
    rule = _UNIVERSAL.fullmatch(sheet)
    if sheet and not rule:
        raise ValueError(
            f"figure {prefix}: expected styles on the elements, not a style sheet: {sheet[:60]!r}"
        )
    return _kept_style(rule[1]) if rule else ""


@lru_cache(maxsize=4096)
def _kept_style(style: str) -> str:
    kept = [part.strip() for part in style.split(";")]
    return "".join(f"{part};" for part in kept if part and not _UNSAFE_STYLE.search(part))


def _referenced(root: ElementTree.Element) -> set[str]:
    wanted: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if "#" in value:
                if _local(name) == "href":
                    wanted.add(value[1:])
                else:
                    wanted.update(match[1] for match in _LOCAL.findall(value))
    return wanted


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())


def _escaped(value: str) -> str:
    return str(escape(value)) if _SPECIAL.search(value) else value


def _six(colour: str) -> str:
    colour = colour.lower()
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


@lru_cache(maxsize=4096)
def _with_variables(style: str) -> str:
    return _COLOUR.sub(lambda match: f"var(--c{_six(match[0])[1:]})", style)


def dark(colour: str) -> str:
    """The colour that takes this one's place on a dark page.

    Lightness is turned over in Oklab (Ottosson 2020), where hue stays what it was; white becomes a
    dark ground and black a light ink.
    """
    red, green, blue = (_linear(int(_six(colour)[i : i + 2], 16) / 255) for i in (1, 3, 5))
    cone = [
        (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3),
        (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3),
        (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3),
    ]
    lightness = 0.2104542553 * cone[0] + 0.7936177850 * cone[1] - 0.0040720468 * cone[2]
    a = 1.9779984951 * cone[0] - 2.4285922050 * cone[1] + 0.4505937099 * cone[2]
    b = 0.0259040371 * cone[0] + 0.7827717662 * cone[1] - 0.8086757660 * cone[2]
    turned = 0.21 + 0.74 * max(0.0, 1 - lightness) ** 0.6
    # Colours stay as bright as they are, or they would lose their names; greys and pale tints turn.
    is_colour = math.hypot(a, b) > 0.02 and lightness < 0.85
    lightness = max(turned, min(lightness, 0.75)) if is_colour else turned
    cone = [
        (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    ]
    linear = (
        4.0767416621 * cone[0] - 3.3077115913 * cone[1] + 0.2309699292 * cone[2],
        -1.2684380046 * cone[0] + 2.6097574011 * cone[1] - 0.3413193965 * cone[2],
        -0.0041960863 * cone[0] - 0.7034186147 * cone[1] + 1.7076147010 * cone[2],
    )
    return "#" + "".join(f"{round(255 * _gamma(value)):02x}" for value in linear)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    value = min(max(value, 0.0), 1.0)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
