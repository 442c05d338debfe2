"""Starts and stops a PostgreSQL server for the tests:

    postgres_server.py start FOLDER [SETTING=VALUE...]
    postgres_server.py stop FOLDER      # and those whose folder begins like this one, FOLDER-...
    postgres_server.py restart|halt|crash|resume FOLDER
    postgres_server.py follow FOLDER PRIMARY    # a standby of the server in the folder PRIMARY
    postgres_server.py promote FOLDER

The server listens on a socket in FOLDER and on nothing else, and anybody on this machine who may open the folder is its
superuser. Its files are in memory where there is room: the storage rightly refuses a server that does not wait for its
disk, and hundreds of schemas that live for one test need no disk. A server that an earlier run left behind there is
stopped first. PostgreSQL refuses to run as root, so root runs it as somebody else.
"""

import glob
import os
import pathlib
import pwd
import shutil
import subprocess
import sys

MEMORY = pathlib.Path("/dev/shm")
ROOM = 2 * 1024**3

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "300",
    "shared_buffers": "16MB",
    "max_wal_size": "128MB",
    "deadlock_timeout": "100ms",
    "log_min_messages": "warning",
}


def programs():
    """Where initdb and pg_ctl are: the newest version that is installed."""
    found = shutil.which("initdb")
    folders = [os.path.dirname(found)] if found else []
    folders += sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not folders:
        sys.exit("PostgreSQL is not installed: no initdb")
    return folders[-1]


def owner():
    """Whom the server runs as; nobody in particular unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    sys.exit("PostgreSQL does not run as root, and there is no user postgres or nobody")


def run(program, *arguments, fails=False):
    someone = owner()
    as_them = {} if someone is None else {"user": someone.pw_uid, "group": someone.pw_gid, "extra_groups": []}
    done = subprocess.run([f"{programs()}/{program}", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, cwd="/", **as_them)
    if done.returncode != 0 and not fails:
        sys.exit(f"{program} failed:\n{done.stdout}")


def stop(folder):
    for one in [folder, *folder.parent.glob(f"{folder.name}-*")]:
        if (one / "data/postmaster.pid").exists():
            run("pg_ctl", "stop", "--pgdata", f"{one}/data", "--mode", "immediate", fails=True)
        shutil.rmtree(in_memory(one), ignore_errors=True)
        shutil.rmtree(one, ignore_errors=True)


def make(folder):
    """An empty folder that the server may write in and nobody else may look into."""
    if len(f"{folder}/.s.PGSQL.5432") > 100:
        sys.exit(f"the path of a socket is limited, and {folder} is too long")
    stop(folder)
    make_for_owner(folder)
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        make_for_owner(in_memory(folder))
        (folder / "data").symlink_to(in_memory(folder))


def make_for_owner(folder):
    folder.mkdir(mode=0o700)
    if owner() is not None:
        os.chown(folder, owner().pw_uid, owner().pw_gid)


def in_memory(folder):
    return MEMORY / f"onboard{folder}".replace("/", "-")


def configure(folder, settings):
    with open(folder / "data/postgresql.conf", "a") as file:
        for name, value in (settings | {"unix_socket_directories": f"'{folder}'"}).items():
            file.write(f"{name} = {value}\n")


def start(folder, settings):
    make(folder)
    run("initdb", "--pgdata", f"{folder}/data", "--username", "onboard", "--auth", "trust", "--encoding", "UTF8",
        "--locale", "C.UTF-8", "--no-sync", "--no-instructions")
    configure(folder, SETTINGS | settings)
    resume(folder)


def follow(folder, primary):
    make(folder)
    run("pg_basebackup", "--pgdata", f"{folder}/data", "--host", str(primary), "--username", "onboard",
        "--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
    configure(folder, {})
    resume(folder)


def promote(folder):
    run("pg_ctl", "promote", "--wait", "--pgdata", f"{folder}/data")


def resume(folder):
    run("pg_ctl", "start", "--wait", "--pgdata", f"{folder}/data", "--log", f"{folder}/log")


def halt(folder, mode="fast"):
    run("pg_ctl", "stop", "--wait", "--pgdata", f"{folder}/data", "--mode", mode)


def crash(folder):
    """As if it were killed: what was not written to its log is lost, and the next start reads that."""
    halt(folder, "immediate")


def restart(folder):
    halt(folder)
    resume(folder)


def main(action, folder, *settings):
    folder = pathlib.Path(folder)
    if action == "start":
        start(folder, dict(setting.split("=", 1) for setting in settings))
    elif action == "follow":
        follow(folder, *settings)
    elif action in ("stop", "restart", "halt", "crash", "resume", "promote"):
        globals()[action](folder)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
