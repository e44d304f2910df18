"""Python's smtplib as a contestant (see ../contestant.ts). Ten connections are ten threads of one process."""

import json
import resource
import smtplib
import sys
import threading
import time

settings = json.loads(sys.argv[-1])
message = settings["message"].encode()
clients = [smtplib.SMTP(settings["host"], settings["port"]) for _ in range(settings["connections"])]


def send(client, count):
    for _ in range(count):
        # An empty dictionary says that no recipient was refused; anything else raises.
        if client.sendmail(settings["from"], [settings["to"]], message) == {}:
            accepted[client] += 1


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


for line in sys.stdin:
    share, rest = divmod(int(line), len(clients))
    accepted = dict.fromkeys(clients, 0)
    threads = [
        threading.Thread(target=send, args=(client, share + (index < rest))) for index, client in enumerate(clients)
    ]
    cpu_before, before = cpu(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - before, cpu() - cpu_before
    print(json.dumps({"done": sum(accepted.values()), "seconds": seconds, "cpu": used * 1e6}), flush=True)

for client in clients:
    client.quit()
