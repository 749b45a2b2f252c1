"""Resident memory of the web process after 1,000 mixed requests: the bar is 120 MB."""

from .served import Browser, portal

REQUESTS, BAR_MB = 1000, 120
MIX = ("/", "/readings", "/invoices", "/messages", "/faults", "/faults/new", "/desk/faults", "/desk/readings", "/desk/homes")


def resident_memory(pid: int) -> float:
    """Megabytes (VmRSS)."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def after(port: int, pid: int, requests: int = REQUESTS) -> float:
    resident, office = Browser(port), Browser(port)
    resident.sign_in("fi-tenant")
    office.sign_in("fi-office")
    for number in range(requests):
        path = MIX[number % len(MIX)]
        status, *_ = (office if path.startswith("/desk") else resident).fetch(path)
        assert status == 200, path
    return resident_memory(pid)


def run() -> bool:
    with portal() as (port, pid):
        used = after(port, pid)
    print(f"memory    after {REQUESTS} mixed requests {used:5.1f} MB, bar ≤ {BAR_MB}")
    return used <= BAR_MB
