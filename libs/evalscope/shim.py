# Drives evalscope perf from one line of JSON on stdin:
#   {"args": {...}, "api_key": "...", "env": {...}, "must": [...], "failures": "path"}
# Nothing shows in argv, and the key never enters Arguments, so no version writes it to a file or a log.
# Stdin stays open for as long as the caller lives: when it closes, this process and its group end.
import asyncio, importlib, inspect, json, os, signal, sys, threading


def end_with_caller(stdin):
    """Kills the whole process group when the other end of stdin goes away."""
    def wait():
        while os.read(stdin, 4096):
            pass
        os.killpg(0, signal.SIGKILL)
    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def read_line(fd):
    """Reads up to the first line break without buffering past it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        part = os.read(fd, 65536)
        if not part:
            break
        line += part
    return line


def http_module():
    try:
        return importlib.import_module("evalscope.perf.core.http_client")  # 1.7 and later
    except ImportError:
        return importlib.import_module("evalscope.perf.http_client")


def send_key(client, key):
    """Adds the key to what goes over the wire, after Arguments were written down."""
    init = client.__init__

    def keyed(self, *a, **k):
        init(self, *a, **k)
        self.headers = {**self.headers, "Authorization": "Bearer " + key}
    client.__init__ = keyed


def note_failures(client, path, key):
    """Writes one line for each failed request: evalscope keeps neither the status nor the text."""
    post = client.post
    if not inspect.iscoroutinefunction(post):
        return                                       # before 1.1.1 post is a generator
    out = open(path, "a", buffering=1, encoding="utf-8")

    async def noted(self, *a, **k):
        data = await post(self, *a, **k)
        if not data.success:
            text = str(getattr(data, "error", "") or "")[-4000:]
            if key:
                text = text.replace(key, "***")
            out.write(json.dumps({
                "start": data.start_time,
                "status": getattr(data, "status_code", None),
                "error": text,
                "output": bool(getattr(data, "first_chunk_latency", 0)),
            }) + "\n")
        return data
    client.post = noted


def main():
    cfg = json.loads(read_line(0))
    end_with_caller(0)
    os.environ.update(cfg.get("env", {}))            # before the import: proxies, caches, NO_COLOR
    from evalscope.perf.arguments import Arguments
    from evalscope.perf import main as perf
    known = getattr(Arguments, "model_fields", None) or Arguments.__dataclass_fields__
    lost = sorted(set(cfg["args"]) - set(known))
    if lost:                                         # an unknown field is fatal only if listed in "must"
        print("shim: unknown to this evalscope:", *lost, file=sys.stderr)
        if set(lost) & set(cfg.get("must", [])):
            return 64
    client, key = http_module().AioHttpClient, cfg.get("api_key")
    if key:
        send_key(client, key)
    if path := cfg.get("failures"):
        note_failures(client, path, key)
    if hasattr(perf, "gen_perf_html_report"):        # 1.6 s for a file nobody reads
        perf.gen_perf_html_report = lambda *a, **k: None
    try:
        perf.run_perf_benchmark({k: v for k, v in cfg["args"].items() if k in known})
    except asyncio.CancelledError:
        return 130
    except Exception as e:                           # 1.11.1+: PerfBenchmarkInterrupted carries 128 + signal
        if not hasattr(e, "exit_code"):
            raise
        return e.exit_code


if __name__ == "__main__":
    sys.exit(main())
