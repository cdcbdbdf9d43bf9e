import resource, subprocess, sys, time, hashlib
from tests.omnigov.ledger.conftest import *
from omnigov.ledger.export import export
from omnigov.ledger.check import check
from omnigov.ledger.keys import log_signer
from omnigov.ledger import canonical
from omnigov.ledger.merkle import leaf_hash
from omnigov.ledger.queries import inclusion
from django.db import connection
import json

N = 100_000


def test_bench(log, tmp_path):
    t = time.perf_counter()
    c = time.process_time()
    log.append(1000)
    print("append/s one tx", 1000 / (time.perf_counter() - t), "cpu ms", (time.process_time() - c))
    body0 = canonical.decode(bytes(LedgerEntry.objects.first().body))
    t = time.perf_counter()
    with connection.cursor() as cur:
        with cur.cursor.copy(
            "COPY ledger_entry (id,workspace,kind,schema,subject,idempotency_key,created_at,body,leaf_hash) FROM STDIN"
        ) as cp:
            for i in range(N - 1000):
                u = uuid4()
                r = uuid4()
                b = canonical.encode(
                    {**body0, "id": str(u), "subject": str(r), "key": f"t:{i}", "previous": None}
                )
                cp.write_row(
                    (
                        str(u),
                        body0["workspace"],
                        "decision",
                        1,
                        str(r),
                        f"t:{i}",
                        body0["at"],
                        b,
                        leaf_hash(b),
                    )
                )
    print("entry bytes", len(b))
    print("copy/s", (N - 1000) / (time.perf_counter() - t))
    t = time.perf_counter()
    c = time.process_time()
    n = 0
    while x := services.integrate():
        n += x
    w = time.perf_counter() - t
    print("integrate/s", n / w, "cpu s", time.process_time() - c)
    log.append(1)
    with connection.cursor() as cur:
        cur.execute("ANALYZE") if False else None
    t = time.perf_counter()
    services.integrate()
    print("integrate one at 100k s", time.perf_counter() - t)
    t = time.perf_counter()
    p = inclusion(777, N)
    print("proof s", time.perf_counter() - t, "bytes", 32 * len(p))
    t = time.perf_counter()
    c = time.process_time()
    d = export(tmp_path / "b.zip")
    w = time.perf_counter() - t
    print("export whole/s", d.entries / w, "s", w, "cpu", time.process_time() - c, "MB", d.bytes / 1e6)
    prog = tmp_path / "v.py"
    from omnigov.ledger.standalone import source

    prog.write_text(source())
    t = time.perf_counter()
    r = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys,resource,time; sys.argv=['v','{tmp_path}/b.zip','--key','{log_signer().verifier}'];import runpy\ntry: runpy.run_path('{prog}',run_name='__main__')\nexcept SystemExit as e: print(e.code)\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024,'MiB', time.process_time(),'cpu s')",
        ],
        capture_output=True,
        text=True,
    )
    print(r.stdout[-400:], r.stderr[-300:])
    print("verify whole s", time.perf_counter() - t)
    t = time.perf_counter()
    c = time.process_time()
    d = export(tmp_path / "p.zip", kinds=["decision"])
    w = time.perf_counter() - t
    print("export part/s", d.entries / w, "cpu", time.process_time() - c, "MB", d.bytes / 1e6)
    t = time.perf_counter()
    r = subprocess.run([sys.executable, "-I", str(prog), f"{tmp_path}/p.zip"], capture_output=True, text=True)
    print(r.stdout[-300:])
    print("verify part s", time.perf_counter() - t)
    t = time.perf_counter()
    c = time.process_time()
    assert check().ok
    print("check s", time.perf_counter() - t, "cpu", time.process_time() - c)
