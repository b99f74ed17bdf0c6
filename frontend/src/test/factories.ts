/** Whole, plausible answers of the server; a test says only what matters to it. */
import type { Level, Stats, Test, TestEvent } from "@/api/types.gen";

export function aStats(part: Partial<Stats> = {}): Stats {
  return { count: 200, mean: 52, stddev: 4, min: 40, max: 90, p50: 51, p90: 60, p95: 66, p99: 88, ...part };
}

export function aLevel(part: Partial<Level> = {}): Level {
  return {
    level: 0,
    loop: 0,
    concurrency: 8,
    duration_ms: 10_000,
    requests: { asked: 80, total: 80, ok: 80, failed: 0 },
    errors: {},
    tokens: { input: 81_920, output: 20_480, source: "usage" },
    throughput: { requests_per_s: 8, output_tokens_per_s: 2048, total_tokens_per_s: 10_240 },
    ttft_ms: aStats(),
    tpot_ms: aStats({ p50: 11 }),
    itl_ms: aStats({ p50: 10.9 }),
    e2e_ms: aStats({ p50: 2900 }),
    ...part,
  };
}

export function aTest(part: Partial<Test> = {}): Test {
  return {
    id: "019aafc3-1000-7000-8000-000000000001",
    name: "nightly",
    model: "qwen2.5-7b-instruct",
    engine: "vllm",
    mode: "local",
    generator: "evalscope",
    state: "queued",
    verdict: "none",
    created_at: "2026-11-23T15:00:00Z",
    updated_at: "2026-11-23T15:00:00Z",
    finished_at: null,
    created_by: "lin",
    input_length: "1024",
    output_length: "256",
    concurrency: "1, 8",
    loop: 1,
    archived: false,
    archive_path: null,
    trashed: false,
    failure_class: null,
    seq: 10,
    spec: { model: "qwen2.5-7b-instruct", input_length: 1024, output_length: 256 },
    checks: [],
    warnings: [],
    levels: [],
    artifacts: [],
    ...part,
  };
}

export function anEvent(kind: string, seq: number, part: Partial<TestEvent> = {}): TestEvent {
  return {
    id: `x:${kind}`,
    seq,
    kind,
    source: "runner/one",
    time: "2026-11-23T15:01:00Z",
    state: "running",
    data: {},
    ...part,
  };
}
