"""Programs, processes and ports of this machine that the measurements use; all traffic stays on 127.0.0.1."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.report import Missing

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "var" / "bench"


def need(program: str, package: str) -> str:
    """Return the path of `program`, installing Debian's `package` where that is possible.

    Raises:
        Missing: it is not here and cannot be installed.
    """
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(f"{program} is not installed (Debian: apt-get install {package})")
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, env=environ, check=False, capture_output=True, timeout=600).returncode:
            raise Missing(f"{program} is not installed and `{' '.join(command)}` failed")
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")
    if not found:
        raise Missing(f"{program} is not in Debian's {package}")
    return found


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str], url: str, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, log: str = "server"
) -> Iterator[int]:
    """Run a server until the block ends; enter the block once `url` answers. Yields the process id.

    Raises:
        Missing: it ended, or did not answer within 60 seconds; its log is named.
    """
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{log}.log"
    with path.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 60
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Missing(f"{Path(command[0]).name} did not start; see var/bench/{path.name}")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                for child in descendants(process.pid):
                    os.kill(child, 9)
                process.kill()
                process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def fetch(url: str) -> tuple[bytes, Mapping[str, str]]:
    """Return body and headers of a page."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read(), answer.headers


def wrk(url: str, headers: Mapping[str, str] | None = None, *, seconds: int = 2, connections: int = 32) -> float:
    """Return requests per second; refuses to count answers that are errors."""
    command = [need("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds}s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    out = subprocess.run([*command, url], capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    if bad := re.search(r"Non-2xx or 3xx responses: \d+", out):
        raise Missing(f"{url}: {bad[0]}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    if rate is None or float(rate[1]) == 0:
        raise Missing(f"{url}: wrk counted nothing")
    return float(rate[1])


def descendants(pid: int) -> list[int]:
    """Return the ids of the processes that `pid` started, and of those they started."""
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += [int(word) for word in task.read_text().split()]
    return [found for child in children for found in (child, *descendants(child))]


@contextmanager
def nginx(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serve `files` by nginx: two workers, sendfile, no log. Yields its address."""
    folder = WORK / "nginx"
    (folder / "html").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / "html" / name).write_bytes(content)
    port = free_port()
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/error.log;"
        "events { worker_connections 1024; }"
        f"http {{ access_log off; sendfile on; tcp_nopush on; types {{ text/html html; }} {temporary}"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/html; }} }}\n"
    )
    command = [
        need("nginx", "nginx-light"),
        "-p",
        str(folder),
        "-e",
        f"{folder}/error.log",
        "-c",
        f"{folder}/nginx.conf",
    ]
    first = next(iter(files))
    with running(command, f"http://127.0.0.1:{port}/{first}", log="nginx"):
        yield f"http://127.0.0.1:{port}"
