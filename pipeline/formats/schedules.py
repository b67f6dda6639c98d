"""Texts that let other schedulers call `escaleta publish`.

It is idempotent: what is due follows from state and not from the moment of the call, so a missed or doubled one does no
harm.
"""

from __future__ import annotations

import shlex
from pathlib import PurePath

MINUTES = 10
"""How often is often enough: an episode is at most so late."""


def systemd(program: PurePath, workspace: PurePath) -> dict[str, str]:
    """A user's service and timer by file name (systemd.service(5), systemd.timer(5)).

    `Persistent` makes up for a machine that was off. Put them into `~/.config/systemd/user/`, then
    `systemctl --user enable --now escaleta.timer`.
    """
    service = (
        "[Unit]\nDescription=Publish what is due\nAfter=network-online.target\nWants=network-online.target\n\n"
        "[Service]\nType=oneshot\n"
        f"WorkingDirectory={_specifiers(workspace)}\nExecStart={_argument(program)} publish\n"
    )
    timer = (
        "[Unit]\nDescription=Publish what is due, every so often\n\n"
        f"[Timer]\nOnCalendar=*:0/{MINUTES}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    return {"escaleta.service": service, "escaleta.timer": timer}


def cron(program: PurePath, workspace: PurePath) -> str:
    """A line for `crontab -e` (crontab(5): a percent sign is a line's end unless escaped)."""
    command = f"cd {shlex.quote(str(workspace))} && {shlex.quote(str(program))} publish"
    return f"*/{MINUTES} * * * * {command}\n".replace("%", "\\%")


def github() -> str:
    """A workflow for a workspace whose recordings are kept on GitHub: `.github/workflows/publish.yaml`.

    It produces too, since a fresh runner has no finished episodes; the cache saves it from doing so twice. GitHub's
    clock has been seen hours late and stops after 60 days without a commit: a convenience, not a promise.
    """
    return _WORKFLOW


_WORKFLOW = f"""\
# Publishes what is due. GitHub's clock may be hours late, and stops after 60 days without a commit.
# The public folder must lie on remote storage: what a runner writes to its own disk is gone when it ends.
name: publish
on:
  schedule:
    - cron: "*/{MINUTES} * * * *"
  workflow_dispatch:
concurrency: publish
permissions:
  contents: write
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          lfs: true
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - uses: actions/cache@v4
        with:
          path: episodes/*/build
          key: build-${{{{ github.run_id }}}}
          restore-keys: build-
      - run: pip install "escaleta[storage]"
      - run: escaleta produce --all
        env:
          AWS_ACCESS_KEY_ID: ${{{{ secrets.AWS_ACCESS_KEY_ID }}}}
          AWS_SECRET_ACCESS_KEY: ${{{{ secrets.AWS_SECRET_ACCESS_KEY }}}}
          AWS_ENDPOINT_URL: ${{{{ secrets.AWS_ENDPOINT_URL }}}}
      # The ledgers and what they speak of, even where an episode failed: what went out must not be forgotten.
      - if: always()
        run: |
          git config user.name escaleta
          git config user.email escaleta@users.noreply.github.com
          ls -d feed/ledger*.yaml feed/released*/ 2>/dev/null | xargs -r git add --all
          git diff --cached --quiet || (git commit -m "Published" && git pull --rebase && git push)
"""


def _specifiers(path: PurePath) -> str:
    """systemd takes `%` for the beginning of a specifier."""
    return str(path).replace("%", "%%")


def _argument(path: PurePath) -> str:
    """One word of a command line (systemd.service(5), "Command lines")."""
    escaped = _specifiers(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
