import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Progress, Test, TestEvent } from "@/api/types.gen";
import { testQuery, testsKey, traceQuery } from "@/data/tests";
import { applyMessage, decode } from "@/features/test/live";
import type { LiveView } from "@/features/test/live";
import { toApiError } from "@/lib/errors";
import type { ApiError } from "@/lib/errors";
import { BASE } from "@/lib/http";
import { follow } from "@/lib/sse";
import { isFinal } from "@/lib/states";

export type Link =
  | { status: "connecting" | "open" | "ended" }
  | { status: "lost"; retryAt: number; since: number }
  | { status: "refused"; error: ApiError };

export interface Live {
  progress: Progress | undefined;
  link: Link;
}

/** Follows a test that is not final yet; what it says goes into the query cache. */
export function useLive(test: Test): Live {
  const client = useQueryClient();
  const { id } = test;
  const [wanted] = useState(() => !isFinal(test.state));
  const [progress, setProgress] = useState<Progress>();
  const [link, setLink] = useState<Link>({ status: wanted ? "connecting" : "ended" });

  useEffect(() => {
    if (!wanted) return undefined;
    const stop = new AbortController();
    const { queryKey } = testQuery(id);
    let lostSince: number | undefined;
    const seen = (view: LiveView) => {
      client.setQueryData(queryKey, view.test);
      setProgress(view.progress);
      if (view.stale) void client.invalidateQueries({ queryKey });
    };
    let latest: Progress | undefined;
    follow({
      url: `${BASE}/tests/${encodeURIComponent(id)}/events`,
      signal: stop.signal,
      isLast: (m) => m.event === "end",
      onOpen: () => {
        lostSince = undefined;
        setLink({ status: "open" });
      },
      onLost: (retryInMs) => {
        lostSince ??= Date.now();
        setLink({ status: "lost", retryAt: Date.now() + retryInMs, since: lostSince });
      },
      onMessage: (raw) => {
        const message = decode(raw);
        const now = client.getQueryData(queryKey);
        if (!message || !now) return;
        if (message.kind === "event") addToTrace(message.event);
        const view = applyMessage({ test: now, progress: latest, stale: false }, message);
        latest = view.progress;
        seen(view);
      },
    })
      .then(() => {
        if (stop.signal.aborted) return;
        setLink({ status: "ended" });
        void client.invalidateQueries({ queryKey: testsKey });
      })
      .catch((error: unknown) => setLink({ status: "refused", error: toApiError(error) }));

    function addToTrace(event: TestEvent) {
      client.setQueryData(traceQuery(id).queryKey, (events) =>
        events && event.seq > (events.at(-1)?.seq ?? 0) ? [...events, event] : events,
      );
    }
    return () => stop.abort();
  }, [client, id, wanted]);

  return { progress, link };
}
