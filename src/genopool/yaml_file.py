"""Reading a YAML file that somebody else wrote: safely, and with the line of every value."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 1_000_000
MAX_EXPANDED_NODES = 1_000
_UNQUOTED_COMPARISON = re.compile(r"(?:^|[-:,\[])\s*>\s*=?\s*\d")


class YamlError(ValueError):
    """A file that cannot be read; the message names the file and the line."""


class YamlFile:
    """The values of a YAML file and where each of them stands.

    Parameters
    ----------
    path : Path
        The file, UTF-8, at most 1 MB.

    Raises
    ------
    YamlError
        If the file is missing, too large, not YAML, repeats a key, or uses aliases that stand for
        more than 1,000 nodes (a few lines of aliases can stand for billions).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        text = _read(path)
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            if self._root is not None:
                self._refuse_bombs(self._root)
                self._refuse_repeated_keys(self._root)
            self.values: Any = self._values(text)
        except yaml.YAMLError as error:
            raise YamlError(self._describe(error, text)) from None
        except RecursionError:
            raise YamlError(f"{path.name}: nested too deeply to be a configuration") from None

    def _values(self, text: str) -> Any:
        try:
            return yaml.safe_load(text)
        except (ValueError, KeyError, AttributeError, TypeError, ArithmeticError) as error:
            # What PyYAML's constructors raise for `2001-99-99`, `!!int x` or 5,000 digits.
            raise YamlError(f"{self._at(self._wrong_scalar())}: {_in_words(error)}") from None

    def _wrong_scalar(self) -> yaml.Node:
        """The first scalar that has no value, else the root."""
        constructor = yaml.constructor.SafeConstructor()
        todo = [self._root]
        while todo:
            node = todo.pop(0)
            if isinstance(node, yaml.MappingNode):
                todo += [part for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                todo += node.value
            else:
                try:
                    constructor.construct_object(node)
                except Exception:
                    return node
        return self._root

    def line(self, keys: Sequence[str | int]) -> int | None:
        """The line on which the value at `keys` starts, or its nearest parent's."""
        node, line = self._root, None
        for key in keys:
            child = None
            if isinstance(node, yaml.MappingNode):
                for name, value in node.value:
                    if name.value == str(key):
                        child, line = value, name.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                child = node.value[key] if key < len(node.value) else None
                line = child.start_mark.line + 1 if child is not None else line
            if child is None:
                break
            node = child
        return line

    def _describe(self, error: yaml.YAMLError, text: str) -> str:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark is None:
            return f"{self.path.name}: {' '.join(str(error).split())}"
        lines = text.splitlines()
        written = lines[mark.line].strip() if mark.line < len(lines) else ""
        message = f"{self.path.name}, line {mark.line + 1}: {getattr(error, 'problem', error)}"
        if written:
            message += f", in {written!r}"
        if _UNQUOTED_COMPARISON.search(written):
            message += '; write repeats with < or > in quotes, as ">19"'
        return message

    def _refuse_bombs(self, root: yaml.Node) -> None:
        sizes: dict[int, int] = {}
        open_nodes: set[int] = set()
        aliased = 0

        def size(node: yaml.Node) -> int:
            nonlocal aliased
            if id(node) in open_nodes:
                raise YamlError(f"{self._at(node)}: an alias that contains itself")
            if id(node) in sizes:
                aliased += sizes[id(node)]
                if aliased > MAX_EXPANDED_NODES:
                    raise YamlError(
                        f"{self._at(node)}: aliases of this value stand for more than "
                        f"{MAX_EXPANDED_NODES:,} values; write them out"
                    )
                return sizes[id(node)]
            open_nodes.add(id(node))
            total = 1
            if isinstance(node, yaml.MappingNode):
                total += sum(size(key) + size(value) for key, value in node.value)
            elif isinstance(node, yaml.SequenceNode):
                total += sum(size(value) for value in node.value)
            open_nodes.discard(id(node))
            sizes[id(node)] = total
            return total

        size(root)

    def _refuse_repeated_keys(self, root: yaml.Node) -> None:
        todo, seen_nodes = [root], set()
        while todo:
            node = todo.pop()
            if id(node) in seen_nodes:
                continue
            seen_nodes.add(id(node))
            if isinstance(node, yaml.MappingNode):
                first: dict[str, int] = {}
                for key, value in node.value:
                    if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                        if key.value in first:
                            raise YamlError(
                                f"{self._at(key)}: {key.value!r} is given twice, "
                                f"first in line {first[key.value]}"
                            )
                        first[key.value] = key.start_mark.line + 1
                    todo.append(value)
            elif isinstance(node, yaml.SequenceNode):
                todo.extend(node.value)

    def _at(self, node: yaml.Node) -> str:
        return f"{self.path.name}, line {node.start_mark.line + 1}"


def _in_words(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return f"a value that cannot be read ({text}); write text in quotes"


def _read(path: Path) -> str:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise YamlError(f"{path}: a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise YamlError(f"{path}: a pipe or a device, not a file")
        if status.st_size > MAX_BYTES:
            raise YamlError(
                f"{path.name}: {status.st_size:,} bytes; a configuration has at most 1 MB"
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise YamlError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise YamlError(f"{path.name}, line {line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise YamlError(f"{path}: cannot be read ({error.strerror})") from None
