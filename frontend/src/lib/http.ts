/**
 * The one way to the server. Adds the access token and the language, renews the token once when it has run
 * out, asks to sign in again in place when that fails, and turns every refusal into an ApiError.
 */
import { client } from "@/api/client.gen";
import { refresh as refreshCall } from "@/api/sdk.gen";
import { toApiError, problemOf } from "@/lib/errors";
import { getSession, sessionExpired, settled, signedIn } from "@/lib/session";

export const BASE = "/api/v1";

let language = "en";

/** The language the server answers in from now on. */
export function speak(lang: string): void {
  language = lang;
}

// A token this close to its end is renewed first (milliseconds).
const MARGIN = 20_000;

export type Renewal = "ok" | "refused" | "unreachable";
let renewal: Promise<Renewal> | undefined;

/** Trades the refresh cookie for a new session; callers at the same moment share one attempt. */
export function renew(): Promise<Renewal> {
  renewal ??= underLock(trade).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

// The refresh token is spent by use and tabs share its cookie: two tabs must not trade it at once.
function underLock(work: () => Promise<Renewal>): Promise<Renewal> {
  // Locks do not exist on a plain http address; there a second tab may have to sign in again.
  return "locks" in navigator ? navigator.locks.request("plimsoll-refresh", work) : work();
}

async function trade(): Promise<Renewal> {
  try {
    const { data, response } = await refreshCall();
    if (data) {
      signedIn(data);
      return "ok";
    }
    return response && response.status < 500 && response.status !== 429 ? "refused" : "unreachable";
  } catch {
    return "unreachable";
  }
}

function tokenNow(): string | undefined {
  const session = getSession();
  return session.status === "in" ? session.token : undefined;
}

function prepared(request: Request): Request {
  const session = getSession();
  if (session.status === "in" && !isOpen(request.url)) {
    request.headers.set("Authorization", `Bearer ${session.token}`);
  }
  request.headers.set("Accept-Language", language);
  return request;
}

// Calls that carry their own proof; a 401 from them means what it says.
function isOpen(url: string): boolean {
  return /\/auth\/(login|register|refresh|logout)$/.test(new URL(url).pathname);
}

async function aboutToExpire(): Promise<void> {
  const session = getSession();
  if (session.status === "in" && session.expiresAt - Date.now() < MARGIN) await renew();
}

/** fetch with the session: what the generated client and the downloads use. */
export async function authorised(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  if (isOpen(request.url)) return fetch(prepared(request));
  await aboutToExpire();
  const again = request.clone();
  const used = tokenNow();
  const first = await fetch(prepared(request));
  if (first.status !== 401) return first;
  // Another call has renewed the session while this one was under way.
  if (tokenNow() !== undefined && tokenNow() !== used) return fetch(prepared(again));
  const outcome = await renew();
  if (outcome === "unreachable") return first;
  if (outcome === "refused") {
    sessionExpired();
    if (!(await settled(request.signal))) return first;
  }
  return fetch(prepared(again));
}

client.setConfig({ baseUrl: BASE, fetch: authorised, credentials: "same-origin" });

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/** The answer of a generated call, or an ApiError thrown. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response === undefined) throw error instanceof DOMException ? error : toApiError(error);
  if (!response.ok) throw problemOf(response.status, error, response.headers.get("X-Request-Id") ?? "");
  return data as T; // the one place where the wire becomes a type; a 204 has none
}

/** A non-2xx answer of a bare fetch as an ApiError. */
export async function refusal(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => undefined);
  return problemOf(response.status, body, response.headers.get("X-Request-Id") ?? "");
}
