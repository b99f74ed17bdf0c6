import { describe, expect, it } from "vitest";
import { dataOf } from "@/features/test/chart-options";
import { beyond, percentile, pointsOf, spansDecade, totalsOf } from "@/features/test/series";
import { aLevel, aStats } from "@/test/factories";

const output = (n: number | null) => ({
  requests_per_s: 1,
  output_tokens_per_s: n,
  total_tokens_per_s: null,
});

describe("pointsOf", () => {
  it("sorts by load and takes the middle loop", () => {
    const levels = [
      aLevel({ concurrency: 64, throughput: output(900) }),
      aLevel({ concurrency: 8, loop: 0, throughput: output(100) }),
      aLevel({ concurrency: 8, loop: 1, throughput: output(300) }),
      aLevel({ concurrency: 8, loop: 2, throughput: output(120) }),
    ];
    expect(pointsOf(levels, (l) => l.throughput.output_tokens_per_s)).toEqual([
      { load: 8, low: 100, mid: 120, high: 300 },
      { load: 64, low: 900, mid: 900, high: 900 },
    ]);
  });
  it("lies between the two middle ones of an even number", () => {
    const levels = [1, 2, 5, 9].map((n, loop) => aLevel({ loop, throughput: output(n) }));
    expect(pointsOf(levels, (l) => l.throughput.output_tokens_per_s)[0]).toMatchObject({
      low: 1,
      mid: 3.5,
      high: 9,
    });
  });
  it("keeps a gap where nothing is known", () => {
    const levels = [
      aLevel({ concurrency: 1, ttft_ms: null }),
      aLevel({ concurrency: 8, ttft_ms: aStats({ p99: 88 }) }),
    ];
    expect(pointsOf(levels, percentile("ttft_ms", "p99"))).toEqual([
      { load: 1, low: null, mid: null, high: null },
      { load: 8, low: 88, mid: 88, high: 88 },
    ]);
  });
  it("takes the rate as load in open loop", () => {
    expect(pointsOf([aLevel({ concurrency: 0, rate_per_s: 2.5 })], () => 1)[0]?.load).toBe(2.5);
  });
});

it.each([
  [[1, 8, 64], true],
  [[1, 10], false],
  [[5], false],
  [[], false],
  [[0, 100], false],
  [[null, 1, 100], true],
  [[-1, 100], false],
])("%j spans more than a decade: %s", (values, want) => expect(spansDecade(values)).toBe(want));

it("counts the values beyond a percentile", () => {
  expect((["p50", "p90", "p95", "p99"] as const).map((p) => beyond(aStats({ count: 40 }), p))).toEqual([
    20, 4, 2, 0.4,
  ]);
});

it("sums up a test", () => {
  const totals = totalsOf([
    aLevel({ concurrency: 1, throughput: output(80) }),
    aLevel({
      concurrency: 8,
      throughput: output(600),
      requests: { asked: 80, total: 80, ok: 73, failed: 7 },
      errors: { rate_limited: 2, stall_timeout: 5 },
    }),
    aLevel({ concurrency: 64, throughput: output(null), errors: { rate_limited: 9 } }),
  ]);
  expect(totals).toMatchObject({ asked: 240, ok: 233, failed: 7, best: { load: 8, output: 600 } });
  expect(totals.errors).toEqual([
    ["rate_limited", 11],
    ["stall_timeout", 5],
  ]);
  expect(totalsOf([]).best).toBeUndefined();
});

it("takes the load whose middle loop is best, not the luckiest loop", () => {
  const levels = [
    ...[100, 110, 900].map((n, loop) => aLevel({ loop, concurrency: 1, throughput: output(n) })),
    ...[300, 310, 320].map((n, loop) => aLevel({ level: 1, loop, concurrency: 8, throughput: output(n) })),
  ];
  expect(totalsOf(levels).best).toMatchObject({ load: 8, output: 310 });
  expect(totalsOf(levels).best?.levels).toHaveLength(3);
});

it("lays the columns of a chart side by side", () => {
  const points = [
    { load: 1, low: 1, mid: 2, high: 3 },
    { load: 8, low: null, mid: null, high: null },
  ];
  expect(dataOf([{ label: "a", points }])).toEqual([
    [1, 8],
    [2, null],
    [1, null],
    [3, null],
  ]);
});
