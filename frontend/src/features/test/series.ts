/** Figures of a test as lines over the load. Pure; the charts and their tables both read them. */
import type { Level, Stats } from "@/api/types.gen";

/** One load with what its loops measured. Percentiles of several loops are never averaged: the middle one counts. */
export interface Point {
  load: number;
  low: number | null;
  mid: number | null;
  high: number | null;
}

export type Pick = (level: Level) => number | null | undefined;

/** The load of a level: requests in flight, or requests per second. */
export function loadOf(level: Level): number {
  return level.rate_per_s ?? level.concurrency;
}

/** One point per load, smallest load first; a load nobody measured the figure at keeps its gap. */
export function pointsOf(levels: readonly Level[], pick: Pick): Point[] {
  const byLoad = new Map<number, number[]>();
  for (const level of levels) {
    const values = byLoad.get(loadOf(level)) ?? [];
    const value = pick(level);
    if (typeof value === "number" && Number.isFinite(value)) values.push(value);
    byLoad.set(loadOf(level), values);
  }
  return [...byLoad.entries()]
    .sort(([a], [b]) => a - b)
    .map(([load, values]) => ({ load, ...spread(values) }));
}

function spread(values: number[]): Omit<Point, "load"> {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[0];
  const high = sorted[sorted.length - 1];
  if (low === undefined || high === undefined) return { low: null, mid: null, high: null };
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? high;
  const lower = sorted[Math.ceil(half) - 1] ?? low;
  return { low, mid: (lower + upper) / 2, high };
}

/** Whether the positive values span more than one decade, so a logarithmic axis shows them better. */
export function spansDecade(values: readonly (number | null)[]): boolean {
  const positive = values.filter((v): v is number => v !== null && v > 0);
  if (positive.length < 2 || positive.length < values.filter((v) => v !== null).length) return false;
  return Math.max(...positive) / Math.min(...positive) > 10;
}

export type Percentile = "p50" | "p90" | "p95" | "p99";

/** A percentile of one of the latencies. */
export function percentile(metric: "ttft_ms" | "tpot_ms" | "itl_ms" | "e2e_ms", p: Percentile): Pick {
  return (level) => level[metric]?.[p];
}

/** How many values lie beyond a percentile; few of them make it a guess. */
export function beyond(stats: Stats, p: Percentile): number {
  const share = { p50: 0.5, p90: 0.1, p95: 0.05, p99: 0.01 }[p];
  return stats.count * share;
}

/** What the whole test comes to. */
export interface Totals {
  asked: number;
  ok: number;
  failed: number;
  errors: [string, number][];
  best: { load: number; output: number; levels: Level[] } | undefined;
}

/** Sums of all levels and the load with the highest output, by its middle loop. */
export function totalsOf(levels: readonly Level[]): Totals {
  const errors = new Map<string, number>();
  const totals: Totals = { asked: 0, ok: 0, failed: 0, errors: [], best: undefined };
  for (const level of levels) {
    totals.asked += level.requests.asked;
    totals.ok += level.requests.ok;
    totals.failed += level.requests.failed;
    for (const [name, count] of Object.entries(level.errors))
      errors.set(name, (errors.get(name) ?? 0) + count);
  }
  for (const { load, mid } of pointsOf(levels, (l) => l.throughput.output_tokens_per_s)) {
    if (mid === null || mid <= (totals.best?.output ?? 0)) continue;
    totals.best = { load, output: mid, levels: levels.filter((l) => loadOf(l) === load) };
  }
  totals.errors = [...errors.entries()].sort((a, b) => b[1] - a[1]);
  return totals;
}
