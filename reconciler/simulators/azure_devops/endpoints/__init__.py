"""The endpoints, one file a subject; importing this package declares all of them."""

from reconciler.simulators.azure_devops.endpoints import (
    attachments,
    batch,
    comments,
    feeds,
    items,
    metadata,
    nodes,
    organization,
    queries,
    recycle_bin,
    tags,
)

__all__ = [
    "attachments",
    "batch",
    "comments",
    "feeds",
    "items",
    "metadata",
    "nodes",
    "organization",
    "queries",
    "recycle_bin",
    "tags",
]
