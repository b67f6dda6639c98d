"""Where the program begins, also as `python -m pipeline`. Its workers begin here too, and load none of the commands."""

import signal


def main() -> None:
    """The command line, which Ctrl-C ends without a word until it can say one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from pipeline import cli

    cli.main()


if __name__ == "__main__":
    main()
