"""Worker processes do the work and never outlive what they work for."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from pipeline.tools.workers import local_workers

MAIN = """
    import signal
    import time
    from pipeline.tools.workers import local_workers

    if __name__ == "__main__":
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        with local_workers(2) as workers:
            started = [workers.executor.submit(print, "at work", flush=True) for _ in range(2)]
            [future.result() for future in started]
            stuck = workers.executor.submit(time.sleep, 3600)
            print("stuck", flush=True)
            {end}
"""


def start(tmp_path, end: str) -> subprocess.Popen[str]:
    script = tmp_path / "main.py"
    script.write_text(textwrap.dedent(MAIN).format(end=end))
    return subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def read_until_stuck(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any(line == "stuck\n" for line in process.stdout)


def test_work_is_done_elsewhere() -> None:
    with local_workers(2) as workers:
        assert workers.count == 2
        assert workers.executor.submit(os.getpid).result() != os.getpid()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_program_whatever_ends_it(tmp_path, blow: signal.Signals) -> None:
    """Its workers hold the program's output open: that it closes shows that they are gone, an hour early."""
    with start(tmp_path, "stuck.result()") as process:
        read_until_stuck(process)
        process.send_signal(blow)
        process.communicate(timeout=30)
        assert process.returncode != 0


def test_workers_end_with_the_block_that_an_error_leaves(tmp_path) -> None:
    with start(tmp_path, "raise SystemExit(7)") as process:
        process.communicate(timeout=30)
        assert process.returncode == 7
