"""Inputs made to crash a converter or keep it busy for ever; `size` says how often the pattern is repeated."""

from __future__ import annotations


def html_inputs(size: int) -> dict[str, str]:
    n = size
    return {
        "nested div": "<div>" * n + "x",
        "nested list": "<ul><li>x" * n,
        "nested quotation": "<blockquote>x" * n,
        "nested table": "<table><tr><td>x" * n,
        "unclosed tag": "<a " * n,
        "unclosed attribute": '<a href="' * n,
        "unclosed comment": "<!--" * n,
        "unclosed script": "<script>" + "</script " * n,
        "marks opened": "<b>" * n + "x" + "</i>" * n,
        "marks crossed": "<p>" + "<b>a<i>b</b>c</i>" * n,
        "links": "<p>" + "<a href=u>x</a><b>y</b>" * n,
        "spaces": "<p>a" + " " * (4 * n) + "b",
        "cells": "<table><tr>" + "<td>x" * n,
        "rows": "<table>" + "<tr><td>x</td></tr>" * n,
        "merged cells": "<table>" + "<tr>" + "<td rowspan=9999 colspan=100>x" * 200 + "<tr><td>y" * n,
        "text beside cells": "<table>" + "x<tr>" * n,
        "items": "<ol>" + "<li>x</li>" * n,
        "lists": "<ol><li>a</li></ol>" * n,
        "paragraphs": "<p>hello <b>world</b> " * n,
        "code lines": "<pre>" + "<br>x" * n,
        "backticks": "<p><code>" + "`a``b" * n + "</code>",
        "brackets": "<p><b>x</b>" + "[" * n + "]" * n,
        "exclamations": "<p><b>x</b>" + "![" * n,
        "tildes": "<p>" + "~" * n,
        "entities": "<p>" + "&amp;" * n,
        "backslashes": "<p><b>a</b>" + "\\" * n,
        "attributes": "<p " + 'a="b" ' * n + ">x",
        "unmatched end tags": "<div><td>" + "<p>" * n + "</div>" * n,
    }


def markdown_inputs(size: int) -> dict[str, str]:
    n = size
    return {
        "quotes": ">" * n + "x",
        "items on a line": "- " * n + "x",
        "quoted items": "> - " * n,
        "deep list": "".join(" " * (2 * i) + "- x\n" for i in range(min(n, 1000))),
        "brackets": "[" * n + "]" * n,
        "pictures in pictures": "![" * n + "](x)" * n,
        "unclosed pictures": "![a" * n,
        "unclosed links": "[a](b" * n,
        "link parentheses": "[a](" + "(" * n,
        "stars": "**a*" * n,
        "underscores": "_a " * n,
        "backticks": "".join("`" * (i % 300) + "a" for i in range(n // 20)),
        "tildes": "~~a " * n,
        "angles": "<a@b" * n,
        "autolinks": "<http://a" * n,
        "entities": "&#" * n,
        "wide table": "|" + "a|" * n + "\n|" + "-|" * n + "\n" + "|x|\n" * (n // 10),
        "rows": "| a |\n| --- |\n" + "| x |\n" * n,
        "rules": "---\n" * n,
        "underlines": "a\n=\n" * n,
        "fences": "```\n" * n,
        "definitions": "".join(f"[a{i}]: b\n" for i in range(n)),
        "cards": "[\n\nh\n\n" * n,
        "blank lines in brackets": "[" + "\n" * n,
        "lazy lines": "> a\nb\n" * n,
        "spaces": "a" + " " * (3 * n) + "b",
        "tabs": "\t" * n + "x",
        "plain lines below an item": "- a\n" + "b\n" * n,
    }


STRANGE = (
    "",
    "\0",
    "\ud800",
    "a\udfffb",
    "\ufdd0\ufdd1\ufdd5\ufdd9",
    "\ufffe\uffff\U0010ffff",
    "&#0;&#xD800;&#xFDD0;&#x110000;&#99999999999999999999;",
    "\x01\x06\x1b\x7f\x85\u2028",
    "\r\n\r\r\n",
    "<",
    "</",
    "<!",
    "<?",
    "&",
    "&#",
    "<a",
    "<a href='",
    "</>",
    "<>",
    "<table>" * 3,
    "```",
    "\\",
    "|\n|-|",
    "<p\0>x</p\0>",
)
