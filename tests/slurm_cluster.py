"""A SLURM cluster of one node on this machine's loopback, for tests: its own ports, key, state and configuration."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.runs import slurm

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "srun")
START_SECONDS = 30
CONFIGURATION = """\
ClusterName=celldesk
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
# a requeued job waits until its credential has expired: 120 s by default, 5 s at least
AuthInfo=socket={folder}/munge/socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
KillWait=3
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=localhost NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=short Nodes=localhost Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str:
    """Why no cluster can be started here; empty where it can."""
    if os.geteuid() != 0:
        return "A SLURM cluster for tests needs root. Got another user. Run these tests as root, as in a container"
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    remedy = "Install slurm-wlm and munge, as `make test` does"
    return f"SLURM is missing. Got no {', '.join(missing)}. {remedy}" if missing else ""


@pytest.fixture(scope="session")
def node() -> Iterator[Path]:
    """The ``slurm.conf`` of a running cluster with one CPU."""
    if why := lacking():
        pytest.fail(why, pytrace=False)
    with cluster() as configuration:
        yield configuration


@pytest.fixture
def on_cluster(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of this test go to the test cluster."""
    monkeypatch.setenv("SLURM_CONF", str(node))
    slurm._partitions.cache_clear()


@pytest.fixture
def busy(on_cluster: None) -> Iterator[str]:
    """The only CPU of the cluster is taken by this job until somebody ends it."""
    sleeper = ["sbatch", "--parsable", "--output=/dev/null", "--wrap=sleep 600"]
    job = subprocess.run(sleeper, capture_output=True, text=True, check=True).stdout.strip()
    yield job
    subprocess.run(["scancel", job], check=True)


@contextmanager
def cluster(cpus: int = 1) -> Iterator[Path]:
    """Run a cluster of one node with ``cpus`` CPUs; its ``slurm.conf``. Everything stops at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="celldesk-slurm-")))
        folder.chmod(0o755)
        for name in ("munge", "state", "spool"):
            (folder / name).mkdir()
        configuration = folder / "slurm.conf"
        controller, node = _free_ports(2)
        configuration.write_text(CONFIGURATION.format(folder=folder, controller=controller, node=node, cpus=cpus))

        _start_munge(stack, folder / "munge")
        environment = {**os.environ, "SLURM_CONF": str(configuration)}
        _start(stack, ["/usr/sbin/slurmctld", "-D", "-c", "-f", configuration], folder / "slurmctld.out")
        _start(stack, ["/usr/sbin/slurmd", "-D", "-N", "localhost", "-f", configuration], folder / "slurmd.out")
        _until(lambda: _idle(environment), folder)
        yield configuration
        subprocess.run(["scancel", "--user=root", "--full"], env=environment, capture_output=True, check=False)
        _until(lambda: not _said(["squeue", "--noheader"], environment), folder)


def _start_munge(stack: ExitStack, folder: Path) -> None:
    munge = pwd.getpwnam("munge")
    key = folder / "key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    for path in (folder, key):
        os.chown(path, munge.pw_uid, munge.pw_gid)
    files = [f"--{name}={folder / name}" for name in ("socket", "pid-file", "log-file", "seed-file")]
    command = ["/usr/sbin/munged", "--foreground", f"--key-file={key}", *files]
    _start(stack, command, folder.parent / "munged.out", user=munge.pw_uid)
    _until((folder / "socket").exists, folder.parent)


def _start(stack: ExitStack, command: list, log: Path, user: int = 0) -> None:
    with log.open("wb") as file:
        daemon = subprocess.Popen([*map(str, command)], stdout=file, stderr=file, stdin=subprocess.DEVNULL, user=user)
    stack.callback(_stop, daemon)


def _stop(daemon: subprocess.Popen) -> None:
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def _idle(environment: dict[str, str]) -> bool:
    return _said(["sinfo", "--noheader", "--format=%T"], environment) == "idle"


def _said(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.strip()


def _until(true: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not true():
        logs = "\n".join(path.read_text()[-2000:] for path in sorted(folder.glob("*.out")))
        assert time.monotonic() < deadline, f"the cluster does not start or stop\n{logs}"
        time.sleep(0.1)


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
