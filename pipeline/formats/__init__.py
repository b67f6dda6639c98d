"""Pure value <-> text, one file a format. Nothing here reads a clock or a disk."""
