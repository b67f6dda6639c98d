"""One module a kind of work: what `escaleta COMMAND` takes, does and prints."""
