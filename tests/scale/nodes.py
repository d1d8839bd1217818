"""A Ray cluster of three nodes on this machine, in a process of its own; lines on stdin change it.

It prints its address when it is up, and the line again when a change is done: "remove", "add",
"add NAME=VALUE" or "behead". To "next" it answers with the process of the node that would be removed. It ends
with its stdin.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("RAY_raylet_start_wait_time_s", "200")  # a busy machine starts a node in a minute
os.environ.setdefault("RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S", "200")  # and a server for Ray Client
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # its fork handlers may abort that server
os.environ.setdefault("RAY_worker_niceness", "0")  # other programs of this machine would keep it from working

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}


def main() -> None:
    Path("/tmp/ray").mkdir(exist_ok=True)  # where Ray notes the address, also if all else is elsewhere
    port = int(sys.argv[2])  # for Ray Client
    head = {**NODE, "temp_dir": sys.argv[1], "ray_client_server_port": port}
    head |= {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}  # only cost time
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        nodes = [cluster.add_node(**NODE) for _ in range(2)]
        print(cluster.address, flush=True)
        for line in sys.stdin:
            what, *variables = line.split()
            if what == "next":
                print(nodes[-1].all_processes["raylet"][0].process.pid, flush=True)
                continue
            if what == "behead":
                cluster.head_node.kill_gcs_server(check_alive=False)
            elif what == "remove":
                cluster.remove_node(nodes.pop(), allow_graceful=False)
            else:
                given = dict(one.split("=", 1) for one in variables)
                with patch.dict(os.environ, given):
                    nodes.append(cluster.add_node(**NODE))
            print(line.strip(), flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
