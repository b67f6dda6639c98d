"""Worker processes do the work and never outlive what they work for."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from pipeline.tools.workers import local_workers

MAIN = """
    import os
    import signal
    import time
    from pipeline.tools.workers import local_workers

    if __name__ == "__main__":
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        with local_workers(2) as workers:
            started = [workers.executor.submit(print, "at work", flush=True) for _ in range(2)]
            [future.result() for future in started]
            stuck = workers.executor.submit(time.sleep, 3600)
            {end}
            stuck.result()
"""


def start(tmp_path, end: str) -> subprocess.Popen[str]:
    script = tmp_path / "main.py"
    script.write_text(textwrap.dedent(MAIN).format(end=end))
    return subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_work_is_done_elsewhere() -> None:
    with local_workers(2) as workers:
        assert workers.count == 2
        assert workers.executor.submit(os.getpid).result() != os.getpid()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        # Sent by the program itself, so before it waits: Python misses a signal that comes as a wait begins.
        ("os.killpg(0, signal.SIGINT)", -signal.SIGINT),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("os._exit(130)", 130),
        ("raise SystemExit(7)", 7),
    ],
    ids=["interrupted", "killed", "stopped", "failed"],
)
def test_workers_end_with_the_program_whatever_ends_it(tmp_path, end: str, status: int) -> None:
    """Its workers hold the program's output open: that it closes shows that they are gone, an hour early."""
    with start(tmp_path, end) as process:
        try:
            _, told = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == status
    assert "resource_tracker" not in told


EARLY = """
    import os
    import signal
    from pipeline.tools.workers import local_workers

    if __name__ == "__mp_main__":
        os.kill(os.getpid(), signal.SIGINT)  # a terminal sends it to all

    if __name__ == "__main__":
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with local_workers(1) as workers:
            print(workers.executor.submit(abs, -7).result())
        os.kill(os.getpid(), signal.SIGINT)
"""


def test_a_worker_that_only_starts_leaves_ctrl_c_to_the_program(tmp_path) -> None:
    """Its traceback would stand around the one line that says that all is well."""
    script = tmp_path / "main.py"
    script.write_text(textwrap.dedent(EARLY))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "7\n"
    assert done.stderr.count("Traceback") == 1, "the program itself hears it"
    assert done.returncode == -signal.SIGINT
