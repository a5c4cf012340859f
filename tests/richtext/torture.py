"""Strings that Markdown would take for markup if nobody stopped it, and the places in which they may stand."""

from __future__ import annotations

STRINGS = (
    # brackets and placeholders
    "<SID>", "</b>", "<br>", "<br/>", "use <token> here", "a < b > c", "a<b", "<!-- c -->", "<http://e.example>",
    "x <y@e.example> z",
    "List<String>", "<?php", "<![CDATA[x]]>", "&lt;", "&amp;amp;", "&copy;", "&#35;", "&#x41;", "AT&T", "a & b",
    "&notanentity;", "&",
    # emphasis
    "*", "**", "***", "* a", "*a*", "**a**", "a*b*c", "2*3*4", "* * *", "***a***", "a * b * c", "*a", "a*", "**a",
    "a**",
    "_", "__", "_a_", "__init__", "__a__", "a_b_c", "snake_case_name", "_a", "a_", "___", "_ _ _", "a__b", "~",
    "~~", "~~a~~", "~a~", "~5 ~6", "~~~",
    # code
    "`", "``", "```", "`a`", "``a``", "```a", "a`b", "``` x ```", "` ", "`` ` ``",
    # links and pictures
    "[", "]", "[]", "[a]", "[a](b)", "[a][b]", "[a]: b", "[a]:b", "![a](b)", "![", "a]b", "[[a]]", "[ ]", "[ ] a",
    "[x] a", "[^1]", "[^1]: n", "(a)", "](", "[a] (b)", "[a](<b>)",
    "http://e.example/a_b_c", "https://e.example/?a=1&copy=2", "www.example.com/a*b*c", "user@example.com",
    "http://e.example/(a)b)",
    # line starts
    "# a", "## a ##", "#a", "#", "a #", "###### a", "####### a", "- a", "-", "--", "---", "- - -", "+ a", "+",
    "1. a", "1.", "1) a", "12. a",
    "1234567890. a", "> a", ">", ">>", "=", "==", "=== a", "a ===", ":--", ":-:|:-:", "---|---", "| a | b |", "|",
    "||", "a | b", "|-|", ": a", "-a", "1.a",
    # backslashes
    "\\", "\\\\", "\\*", "\\*a\\*", "a\\", "\\n", "C:\\dir\\*.*", "\\[", "\\<b>", "\\_", "\\|", "a\\\\",
    "\\\\server\\share",
    # the rest
    "!", "!a", "$x$", "$$", "@a", "@<guid>", "#123", "!88", ":smile:", "^a^", "==a==", "{a}", "{{a}}", "%20",
    "100%", "\"a\"", "'a'", "...", "a  b", "\t",
    "é", "日本*語*", "🙂", "🙂*a*", "\u200b", "a\u00a0b", "\u3000", "\u2028", "İ", "ß_ß", "«*a*»", "“a”", "—", "a—*b*",
    "0", " a ", "a.", "A)", "i. a",
)  # fmt: skip

PLACES = {
    "div": "<div>{}</div>",
    "middle": "<div>one {} two</div>",
    "glued": "<div>a{}b</div>",
    "item": "<ul><li>{}</li></ul>",
    "cell": "<table><tr><td>{}</td><td>c</td></tr></table>",
    "heading": "<h2>{}</h2>",
    "bold": "<p>x <b>{}</b> y</p>",
    "italic": "<p>x<i>{}</i>y</p>",
    "link": '<p><a href="https://e.example/p">{}</a></p>',
    "code": "<p>a <code>{}</code> b</p>",
    "after a line": "<div>first<br>{}<br>last</div>",
    "quote": "<blockquote>{}</blockquote>",
    "number": "<ol><li>a<br>{}</li></ol>",
}
