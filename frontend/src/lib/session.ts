/**
 * Who is signed in, for this tab. The access token lives in this module's memory only; the refresh token is
 * in an HttpOnly cookie the page cannot read.
 */
import type { Session as Granted, User } from "@/api/types.gen";
import { forget, recall, remember } from "@/lib/storage";

export type Session =
  | { status: "unknown" } // the cookie has not been tried yet
  | { status: "out" }
  | { status: "in"; user: User; token: string; expiresAt: number }
  | { status: "expired"; user: User }; // signed in before; the page keeps its contents while asking again

let current: Session = recall("session") ? { status: "unknown" } : { status: "out" };
const listeners = new Set<() => void>();

export function getSession(): Session {
  return current;
}

export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: Session): void {
  // Only that there is a session is kept, so that a first visit does not ask for one in vain.
  if (next.status === "in") remember("session", "1");
  if (next.status === "out") forget("session");
  current = next;
  for (const listener of listeners) listener();
}

export function signedIn(granted: Granted): void {
  set({
    status: "in",
    user: granted.user,
    token: granted.access_token,
    expiresAt: Date.parse(granted.access_expires_at),
  });
}

export function signedOut(): void {
  set({ status: "out" });
}

/** The refresh cookie no longer works. Whoever waits for a signed-in session goes on waiting. */
export function sessionExpired(): void {
  if (current.status === "in") set({ status: "expired", user: current.user });
  else if (current.status === "unknown") set({ status: "out" });
}

/** Resolves once the session is settled again: true when signed in, false when the reader gave up. */
export function settled(signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = () => {
      if (current.status === "expired" || current.status === "unknown") return;
      stop();
      signal?.removeEventListener("abort", abort);
      resolve(current.status === "in");
    };
    const abort = () => {
      stop();
      reject(new DOMException("aborted", "AbortError"));
    };
    const stop = subscribeSession(done);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
    done();
  });
}
