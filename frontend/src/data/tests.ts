/** Tests as the server knows them: one queryOptions per resource, one function per action. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  replaceEqualDeep,
} from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import {
  archiveTests,
  cancelTest,
  deleteTest,
  getTest,
  listTests,
  restoreTest,
  runTest,
  traceTest,
} from "@/api/sdk.gen";
import type { DryRun, ListTestsData, Spec, Test, TestSummary } from "@/api/types.gen";
import { toApiError, problemOf } from "@/lib/errors";
import { answer } from "@/lib/http";
import { isMoving } from "@/lib/states";

export type ListFilter = Omit<NonNullable<ListTestsData["query"]>, "cursor" | "limit">;

const PAGE = 50;
// How often the list is read again while something in it still moves (milliseconds).
const LIST_REFRESH = 5_000;

export const testsKey = ["tests"] as const;

/** The history, newest first, page by page; read again every 5 s while a test in it still moves. */
export const testListQuery = (filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: [...testsKey, "list", filter],
    queryFn: ({ pageParam, signal }) =>
      answer(
        listTests({ query: { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      const pages = query.state.data?.pages ?? [];
      const moving = pages.some((page) => page.items.some(isMoving));
      // All loaded pages are read again, so a long list is read less often.
      return moving ? LIST_REFRESH * Math.ceil(pages.length / 4) : false;
    },
  });

/** One test. While a wish (archive, restore, delete) is open it is read again every second. */
export const testQuery = (id: string) =>
  queryOptions({
    queryKey: [...testsKey, "one", id],
    queryFn: ({ signal }) => answer(getTest({ path: { id }, signal })),
    // An answer that was under way while the live stream told more must not take the page back.
    structuralSharing: (before, now) => newest(before, now),
    refetchInterval: (query) => (query.state.data?.wanted ? 1_000 : false),
  });

function newest(before: unknown, now: unknown): unknown {
  return seqOf(before) > seqOf(now) ? before : replaceEqualDeep(before, now);
}

function seqOf(test: unknown): number {
  return typeof test === "object" && test !== null && "seq" in test ? Number(test.seq) : 0;
}

/** Every event of one test in stream order. */
export const traceQuery = (id: string) =>
  queryOptions({
    queryKey: [...testsKey, "trace", id],
    queryFn: async ({ signal }) => (await answer(traceTest({ path: { id }, signal }))).events,
  });

/** What the server would do with this document; nothing is stored. */
export const dryRunQuery = (spec: Spec | undefined, language: string) =>
  queryOptions({
    queryKey: ["dry-run", spec, language],
    enabled: spec !== undefined,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<DryRun> => {
      if (!spec) throw new Error("there is no document to check");
      const found = await answer(runTest({ body: spec, query: { dry_run: true }, signal }));
      if ("plan" in found && "command" in found) return found;
      throw toApiError(new Error("the server started the test instead of checking it"));
    },
  });

/** Asks for a test. The same key again never makes a second one. */
export async function startTest(spec: Spec, idempotencyKey: string): Promise<Test> {
  const made = await answer(runTest({ body: spec, headers: { "Idempotency-Key": idempotencyKey } }));
  if ("id" in made) return made;
  throw toApiError(new Error("the server only checked the test"));
}

export function cancel(id: string): Promise<unknown> {
  return answer(cancelTest({ path: { id } }));
}

export function restore(id: string): Promise<unknown> {
  return answer(restoreTest({ path: { id } }));
}

export function remove(id: string, purge: boolean): Promise<unknown> {
  return answer(deleteTest({ path: { id }, query: purge ? { purge } : {} }));
}

/** Asks to archive one test; the refusal of that one is thrown. */
export async function archive(id: string): Promise<void> {
  const { results } = await answer(archiveTests({ body: { ids: [id] } }));
  const result = results.find((r) => r.id === id);
  if (result && result.status >= 400) throw problemOf(result.status, result.problem);
}

// How long the archiver is waited for after a wish, and the steps between looks (milliseconds).
const PATIENCE = 20_000;
const STEPS = [150, 300, 600, 1000];

/**
 * After a wish: looks until what came of it shows. The answer to the wish comes before the read model
 * knows of it, so the first look may still see the test as it was.
 */
export async function untilAnswered(client: QueryClient, before: TestSummary): Promise<void> {
  const { queryKey } = testQuery(before.id);
  const end = Date.now() + PATIENCE;
  let seq = before.seq;
  for (let i = 0; Date.now() < end; i += 1) {
    try {
      const now = await answer(getTest({ path: { id: before.id } }));
      client.setQueryData(queryKey, now);
      if (now.seq > seq) await changed(client);
      seq = now.seq;
      if (seq > before.seq && !now.wanted) return;
    } catch (error) {
      if (toApiError(error).status === 404) return changed(client); // purged
    }
    await new Promise((resolve) => setTimeout(resolve, STEPS[i] ?? 1000));
  }
}

/** After an action: whatever shows tests or the archive reads again. */
export async function changed(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: testsKey }),
    client.invalidateQueries({ queryKey: ["archive"] }),
  ]);
}
