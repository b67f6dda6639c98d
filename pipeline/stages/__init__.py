"""One verb a file: each stage takes typed values and returns typed values."""
