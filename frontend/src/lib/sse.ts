/** Server-sent events over fetch, so the stream carries the access token and resumes where it broke. */
import { authorised, refusal } from "@/lib/http";

export interface SseMessage {
  id?: string;
  event: string;
  data: string;
}

/** Takes the stream apart as it arrives, wherever it was cut. Push text, get the messages it completed. */
export class SseParser {
  private rest = "";
  private id: string | undefined;
  private event = "";
  private data: string[] = [];

  push(text: string): SseMessage[] {
    const out: SseMessage[] = [];
    this.rest += text;
    // A CR at the very end may be half of a CRLF: wait for the next piece.
    for (;;) {
      const at = this.rest.search(/\r\n|\n|\r(?=[^])/);
      if (at < 0) return out;
      const line = this.rest.slice(0, at);
      this.rest = this.rest.slice(at + (this.rest.startsWith("\r\n", at) ? 2 : 1));
      const message = this.line(line);
      if (message) out.push(message);
    }
  }

  private line(line: string): SseMessage | undefined {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return undefined;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    return undefined;
  }

  private dispatch(): SseMessage | undefined {
    const { data, event, id } = this;
    this.data = [];
    this.event = "";
    this.id = undefined;
    if (data.length === 0) return undefined;
    return { event: event || "message", data: data.join("\n"), ...(id === undefined ? {} : { id }) };
  }
}

export interface Follow {
  url: string;
  signal: AbortSignal;
  onMessage: (m: SseMessage) => void;
  /** The stream is open. */
  onOpen: () => void;
  /** The stream broke; the next try is `retryInMs` away. */
  onLost: (retryInMs: number, error: unknown) => void;
  /** Says after which message the server will not send more. */
  isLast: (m: SseMessage) => boolean;
  /** Milliseconds without a byte, not even a ping, after which the stream counts as broken. */
  silenceMs?: number;
}

/** Delay before try n (from 0): 0.5 s doubling to 15 s, spread so that many pages do not come at once. */
export function backoffMs(n: number, random: number): number {
  return Math.min(15_000, 500 * 2 ** n) * (0.75 + random / 2);
}

/** Follows until the last message or the signal; throws only what no new try can mend. */
export async function follow(f: Follow): Promise<void> {
  let lastId: string | undefined;
  for (let tries = 0; !f.signal.aborted; tries += 1) {
    let cause: unknown = new Error("the server closed the stream");
    try {
      const ended = await once(f, lastId, (m) => {
        tries = 0;
        if (m.id !== undefined) lastId = m.id;
        f.onMessage(m);
      });
      if (ended) return;
    } catch (error) {
      if (f.signal.aborted) return;
      if (error instanceof Refused) throw error.cause;
      cause = error;
    }
    const wait = backoffMs(tries, Math.random());
    f.onLost(wait, cause);
    await pause(wait, f.signal);
  }
}

class Refused extends Error {}

async function once(
  f: Follow,
  lastId: string | undefined,
  onMessage: (m: SseMessage) => void,
): Promise<boolean> {
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  f.signal.addEventListener("abort", stop, { once: true });
  let watchdog = setTimeout(stop, f.silenceMs ?? 45_000);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId !== undefined) headers["Last-Event-ID"] = lastId;
    const response = await authorised(f.url, { headers, signal: attempt.signal });
    if (!response.ok) {
      const error = await refusal(response);
      throw response.status < 500 && response.status !== 429
        ? new Refused("refused", { cause: error })
        : error;
    }
    if (!response.body) throw new Error("the answer has no body");
    f.onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, f.silenceMs ?? 45_000);
      for (const message of parser.push(value)) {
        onMessage(message);
        if (f.isLast(message)) return true;
      }
    }
  } finally {
    clearTimeout(watchdog);
    f.signal.removeEventListener("abort", stop);
    attempt.abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
