#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Starts what a compose file says by podman: usage compose_up.py PROJECT FILE [SERVICE]. Without a service all
that have no profile, with one that one, until it has ended. podman-compose of Debian 12 knows no addresses of
containers, so the test reads the file itself. Whatever it does not know ends it: no
line of the file goes untested."""
import os
import re
import subprocess
import sys

import yaml

project, path, *one = sys.argv[1:]


def fill(text):
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda m: os.environ.get(m[1]) or m[2], str(text))


def podman(*words):
    subprocess.run(["podman", *map(fill, words)], check=True, stdout=None if one else subprocess.DEVNULL)


def take(known, what, where):
    unknown = set(what) - set(known)
    if unknown:
        sys.exit(f"{path}: {where}: {sorted(unknown)} is not known to this test")


def start(name, service):
    command = service.pop("command")
    service.pop("profiles", None)
    words = ["run", "--rm"] if one else ["run", "-d"]
    words += ["--name", f"{project}_{name}_1"]
    simple = {"restart": "--restart", "mem_limit": "--memory", "pids_limit": "--pids-limit",
              "stop_grace_period": "--stop-timeout", "network_mode": "--network"}
    lists = {"cap_drop": "--cap-drop", "security_opt": "--security-opt", "tmpfs": "--tmpfs", "ports": "-p"}
    take([*simple, *lists, "image", "read_only", "depends_on", "environment", "volumes", "networks"],
         service, name)
    for key, flag in simple.items():
        if key in service:
            words += [flag, str(service[key]).rstrip("s") if key == "stop_grace_period" else service[key]]
    for key, flag in lists.items():
        for value in service.get(key, []):
            words += [flag, str(value).replace("no-new-privileges:true", "no-new-privileges")]
    if service.get("read_only"):
        words.append("--read-only")
    for key, value in service.get("environment", {}).items():
        words += ["-e", f"{key}={value}"]
    for volume in service.get("volumes", []):
        words += ["-v", f"{project}_{volume}"]
    for network, options in service.get("networks", {}).items():
        take(["ipv4_address"], options, f"{name}: networks")
        words += ["--network", f"{project}_{network}", "--ip", options["ipv4_address"], "--network-alias", name]
    podman(*words, service["image"], *command)


with open(path, encoding="utf-8") as file:
    whole = yaml.safe_load(file)
take(["name", "services", "networks", "volumes", "x-node", "x-settings"], whole, "the file")
if one:
    start(one[0], whole["services"][one[0]])
    sys.exit()
for name, network in whole["networks"].items():
    podman("network", "create", "--subnet", network["ipam"]["config"][0]["subnet"], f"{project}_{name}")
for name in whole["volumes"]:
    podman("volume", "create", f"{project}_{name}")
for name, service in whole["services"].items():
    if "profiles" not in service:
        start(name, service)
