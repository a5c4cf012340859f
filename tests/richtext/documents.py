"""Random documents: HTML as editors and people produce it, well-formed or not, from a seeded generator."""

from __future__ import annotations

from html import escape
from random import Random

from tests.richtext.torture import STRINGS

_WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu")
_INLINE = ("b", "strong", "i", "em", "s", "del", "strike", "code", "u", "span", "font", "kbd", "sub")
_LANGUAGES = ("", ' class="language-python"', ' class="language-c++"')


def word(random: Random) -> str:
    return escape(random.choice(STRINGS)) if random.random() < 0.25 else random.choice(_WORDS)


def inline(random: Random, depth: int = 0) -> str:
    parts: list[str] = []
    for _ in range(random.randint(1, 3)):
        kind = random.random()
        if depth < 3 and kind < 0.25:
            tag = random.choice(_INLINE)
            parts.append(f"<{tag}>{inline(random, depth + 1)}</{tag}>")
        elif depth < 2 and kind < 0.30:
            parts.append(f'<a href="https://e.example/{random.choice(_ADDRESSES)}">{inline(random, depth + 2)}</a>')
        elif kind < 0.33:
            parts.append(f'<img src="https://e.example/i.png?{random.choice(_ADDRESSES)}" alt="{word(random)}">')
        elif kind < 0.38:
            parts.append("<br>")
        else:
            parts.append(word(random))
        parts.append(random.choice(("", " ", "&nbsp;", " \n")))
    return "".join(parts)


_ADDRESSES = (
    "p",
    "a b",
    "a(b",
    "a_b_c",
    "?x=1&amp;y=2",
    "#s",
    "ü",
    "a*b*",
    "a)b",
    "a|b",
    "%20x",
    "a'b",
    "[x]",
    "&amp;copy;",
    "`",
)


def block(random: Random, depth: int = 0) -> str:
    kind = random.random()
    if depth > 4 or kind < 0.3:
        tag = random.choice(("div", "p", "div", "section"))
        return f"<{tag}>{inline(random)}</{tag}>"
    if kind < 0.36:
        return inline(random)
    if kind < 0.42:
        level = random.randint(1, 6)
        return f"<h{level}>{inline(random)}</h{level}>"
    if kind < 0.62:
        return _list(random, depth)
    if kind < 0.68:
        return f"<blockquote>{blocks(random, depth + 1)}</blockquote>"
    if kind < 0.75:
        code = "\n".join("  " * random.randint(0, 2) + word(random) for _ in range(random.randint(1, 4)))
        return f"<pre><code{random.choice(_LANGUAGES)}>{code}</code></pre>"
    if kind < 0.83:
        return _table(random, depth)
    if kind < 0.86:
        return "<hr>"
    if kind < 0.9:
        return "<div><br></div>"
    return f"<div>{blocks(random, depth + 1)}</div>"


def _list(random: Random, depth: int) -> str:
    tag = random.choice(("ul", "ul", "ol", 'ol start="3"'))
    items: list[str] = []
    for _ in range(random.randint(1, 3)):
        kind = random.random()
        if kind < 0.6:
            items.append(f"<li>{inline(random)}</li>")
        elif kind < 0.85:
            items.append(f"<li>{blocks(random, depth + 1)}</li>")
        elif kind < 0.93:
            items.append(_list(random, depth + 1) if depth < 5 else "<li></li>")
        else:
            items.append(f"<li><input type=checkbox{random.choice(('', ' checked'))}>{inline(random)}</li>")
    return f"<{tag}>{''.join(items)}</{tag.split()[0]}>"


def _table(random: Random, depth: int) -> str:
    width = random.randint(1, 3)
    rows = []
    for _ in range(random.randint(1, 3)):
        cells = [
            random.choice(("", inline(random), blocks(random, depth + 2))) for _ in range(random.randint(1, width))
        ]
        spans = [random.choice(("", "", "", ' colspan="2"', ' rowspan="2"')) for _ in cells]
        tag = random.choice(("td", "th"))
        rows.append("<tr>" + "".join(f"<{tag}{s}>{c}</{tag}>" for s, c in zip(spans, cells, strict=True)) + "</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def blocks(random: Random, depth: int = 0) -> str:
    return random.choice(("", "\n")).join(block(random, depth) for _ in range(random.randint(1, 2 if depth else 3)))


def document(random: Random) -> str:
    return blocks(random)


def broken(random: Random) -> str:
    """A document with tags lost, doubled or swapped."""
    text = document(random)
    for _ in range(random.randint(1, 4)):
        position = random.randrange(len(text) + 1)
        piece = random.choice(
            (
                "<b>",
                "</b>",
                "<div>",
                "</div>",
                "</ul>",
                "<li>",
                "</p>",
                "<td>",
                "<tr>",
                "</table>",
                "<pre>",
                "</pre>",
                "<",
                ">",
                "&",
                "<a href='",
                "<h1>",
                "</a>",
                "<table>",
                "text",
                "<!--",
                "<ul>",
            )
        )
        text = text[:position] + piece + text[position + random.choice((0, 0, 5)) :]
    return text


_DEBRIS = (
    *(
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "</ul>",
        "<li>",
        "</p>",
        "<td>",
        "<tr>",
        "</table>",
        "<pre>",
        "</pre>",
        "<",
        ">",
    ),
    *("&", "<a href='", "<h1>", "</a>", "<table>", "text", "<!--", "<ul>"),
)
