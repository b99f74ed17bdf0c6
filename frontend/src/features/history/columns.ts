import type { TestSummary } from "@/api/types.gen";
import { isFinal } from "@/lib/states";
import { spanMs } from "@/lib/format";

/** How long the test took, or takes so far. */
export function durationOf(test: TestSummary, now: number): number | undefined {
  if (test.finished_at) return spanMs(test.created_at, test.finished_at);
  if (isFinal(test.state)) return spanMs(test.created_at, test.updated_at);
  return spanMs(test.created_at, new Date(now).toISOString());
}
