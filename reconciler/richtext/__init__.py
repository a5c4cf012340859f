"""Rich text: HTML and Markdown, converted into one another and compared by what a reader sees.

No conversion is ever compared with its source. Each side is compared with itself, by visual lines, since both
trackers rewrite what they are given. Everything here is pure, total on any string, and bounded in time.
"""

from reconciler.richtext.addresses import address_key, addresses, pictures
from reconciler.richtext.compare import digest, lines, same
from reconciler.richtext.conversion import convert
from reconciler.richtext.hostile import one_line
from reconciler.richtext.html_to_markdown import to_markdown
from reconciler.richtext.line import Line
from reconciler.richtext.markdown_to_html import to_html
from reconciler.richtext.mentions import MENTION, mentions, native
from reconciler.richtext.people import Acquaintance, People
from reconciler.richtext.preview import plain
from reconciler.richtext.signature import (
    Attribution,
    attach_attribution,
    attach_footer,
    detach_attribution,
    detach_footer,
)
from reconciler.richtext.vocabulary import NO_WORDS, Vocabulary
from reconciler.richtext.weaving import Woven, replay, weave
from reconciler.richtext.word_difference import Piece, word_difference

__all__ = [
    "MENTION",
    "NO_WORDS",
    "Acquaintance",
    "Attribution",
    "Line",
    "People",
    "Piece",
    "Vocabulary",
    "Woven",
    "address_key",
    "addresses",
    "attach_attribution",
    "attach_footer",
    "convert",
    "detach_attribution",
    "detach_footer",
    "digest",
    "lines",
    "mentions",
    "native",
    "one_line",
    "pictures",
    "plain",
    "replay",
    "same",
    "to_html",
    "to_markdown",
    "weave",
    "word_difference",
]
