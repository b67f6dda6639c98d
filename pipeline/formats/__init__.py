"""Pure value <-> text, one file a format. Nothing here reads a clock, nor a disk but for the templates of pages."""
