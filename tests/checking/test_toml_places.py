"""Places of TOML's keys and values: what stands at each place is read once more, and must be what the file says."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.checking.toml_places import letters, places

TEXT = """\
# a comment = 1
title = "a \\"quoted\\" # text"  # and a comment
[tool . "arch calc"]
strict=true
'literal key' = 'C:\\path'
a.b . c = [1, [2.5, "x]"], # within
  { d = 1979-05-27 07:32:00Z, e.f = '''
raw''' },
]
many = \"\"\"
over "two" lines\\
   joined\"\"\"\"\"
[[list]]
x = 1
[list.sub]
y = +1_000
[[list]]
x = 0xff
[[list.deep]]
z = inf
[[list.deep]]
z = -0.5e3
[empty]
"""


def at(whole, path):
    for key in path:
        whole = whole[key]
    return whole


def names(key):
    """The names of a key as TOML has them."""
    inner, found = tomllib.loads(f"{key} = 0"), []
    while inner != 0:
        ((name, inner),) = inner.items()
        found.append(name)
    return found


def check(text):
    whole, found = tomllib.loads(text), places(text)
    for path, place in found.items():
        if place.key is not None:
            assert [name for name in path if isinstance(name, str)][-1] in names(text[slice(*place.key)])
        dotted = place.key is not None and names(text[slice(*place.key)])[-1] != path[-1]
        if place.value is not None and not dotted:
            assert tomllib.loads(f"it = {text[slice(*place.value)]}")["it"] == at(whole, path)
    return found, whole


def test_every_value_stands_where_it_is_said_to():
    found, _ = check(TEXT)
    assert TEXT[slice(*found["tool", "arch calc", "literal key"].key)] == "'literal key'"
    assert TEXT[slice(*found["list", 1, "deep", 1, "z"].value)] == "-0.5e3"
    assert TEXT[slice(*found["tool", "arch calc", "a", "b", "c", 1, 1].value)] == '"x]"'
    assert TEXT[slice(*found["tool", "arch calc"].key)] == 'tool . "arch calc"'


LETTERS = st.text("ab\"\\'#]}=,. \n\té²", max_size=6)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 99), LETTERS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(LETTERS, inner, max_size=3)),
    max_leaves=8,
)


def quoted(draw, text):
    """A text as TOML may spell it."""
    basic = "".join({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "é": "\\u00e9"}.get(c, c) for c in text)
    ways = [f'"{basic}"']
    if not set(text) & set("'\n"):
        ways.append(f"'{text}'")
    return draw(st.sampled_from(ways))


def spelled(draw, value):
    blank = draw(st.sampled_from(["", " "]))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(draw, value)
    if isinstance(value, list):
        gap = draw(st.sampled_from(["", " ", "\n  # between ] \n"]))
        return f"[{gap}{f',{gap}'.join(spelled(draw, each) for each in value)}{gap}]"
    pairs = (f"{quoted(draw, key)}{blank}={blank}{spelled(draw, each)}" for key, each in value.items())
    return "{" + blank + f",{blank}".join(pairs) + blank + "}"


@given(st.data(), st.dictionaries(LETTERS, VALUES, max_size=4))
def test_any_document(data, table):
    lines = [
        "[tool.archcalc]",
        *(f"{quoted(data.draw, key)} = {spelled(data.draw, value)}" for key, value in table.items()),
    ]
    text = "\n".join(lines) + "\n"
    assert tomllib.loads(text) == {"tool": {"archcalc": table}}
    found, whole = check(text)
    wanted = {("tool", "archcalc", *path) for path in paths(table)}
    assert {path for path in found if path[:2] == ("tool", "archcalc") and len(path) > 2} == wanted
    for path in wanted:
        value = at(whole, path)
        spelling = letters(text, found[path].value) if isinstance(value, str) else None
        if spelling is not None:
            said, origins = spelling
            assert said == value and len(origins) == len(said) + 1
            assert list(origins) == sorted(set(origins))
            assert all(text[place] in (letter, "\\") for place, letter in zip(origins, said, strict=False))


def paths(value):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield (key,)
        yield from ((key, *rest) for rest in paths(each))


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "[a]", "a = ''", 'a = ""', 'a = """"""', "a = []", "a = {}"])
def test_next_to_nothing(text):
    check(text)


def test_what_stands_over_several_lines_has_no_letters():
    text = 'a = """x"""'
    assert letters(text, places(text)["a",].value) is None
