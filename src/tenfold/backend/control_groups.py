"""The control groups of Linux: how a container or a scheduler bounds what a process may have."""

from __future__ import annotations

from pathlib import Path

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def own_groups(controller: str, root: Path = ROOT, own: Path = OWN) -> list[Path]:
    """Return the folders of the groups that this process is in; each may have a limit, the least counts.

    Parameters
    ----------
    controller : str
        ``"memory"`` or ``"cpu"``. Version 1 has a hierarchy for each, version 2 one for all.
    root : Path
        Where they are mounted.
    own : Path
        The file that says which groups a process is in, one line ``number:controllers:/path`` a hierarchy.

    Returns
    -------
    list of Path
        From the innermost group to the root; empty where there are none.
    """
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for number, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if number == "0" and not controllers:  # version 2
            tops = [root]
        elif controller in controllers.split(","):
            tops = [root / controllers, root / controller]
        else:
            continue
        for top in tops:
            inner = top / path.strip("/")
            found += [group for group in (inner, *inner.parents) if group.is_relative_to(top)]
    return found
