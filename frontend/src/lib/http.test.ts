// @vitest-environment node
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "@/api/client.gen";
import { login, me } from "@/api/sdk.gen";
import { answer, authorised, renew, speak } from "@/lib/http";
import { getSession, sessionExpired, signedIn, signedOut } from "@/lib/session";
import { follow } from "@/lib/sse";
import type { SseMessage } from "@/lib/sse";

vi.stubGlobal("navigator", {});

const user = { id: "019aafc3-1000-7000-8000-000000000001", name: "lin", role: "member" as const };
const granted = (token: string, lifeMs = 900_000) => ({
  user,
  access_token: token,
  access_expires_at: new Date(Date.now() + lifeMs).toISOString(),
  refresh_token: "r",
  refresh_expires_at: new Date(Date.now() + 1e9).toISOString(),
});

/** A small server that keeps a record of what it was asked. */
let server: Server;
let base: string;
let asked: string[];
let valid: string; // the access token it takes
let refresh: () => { status: number; token?: string };
let routes: Record<string, (req: IncomingMessage, res: ServerResponse) => void>;

function send(res: ServerResponse, status: number, body: unknown) {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

beforeEach(async () => {
  asked = [];
  valid = "good";
  refresh = () => ({ status: 401 });
  routes = {};
  server = createServer((req, res) => {
    const path = (req.url ?? "").replace("/api/v1", "");
    const token = req.headers.authorization?.replace("Bearer ", "") ?? "-";
    asked.push(`${req.method} ${path} ${token} ${req.headers["accept-language"]}`);
    const route = routes[path];
    if (route) return route(req, res);
    if (path === "/auth/refresh") {
      const { status, token: fresh } = refresh();
      if (!fresh) return send(res, status, { code: "refresh_invalid", status });
      valid = fresh;
      return send(res, 200, granted(fresh));
    }
    if (path === "/auth/login")
      return send(res, 401, { code: "invalid_credentials", status: 401, title: "no" });
    if (token !== valid) return send(res, 401, { code: "unauthenticated", status: 401 });
    return send(res, 200, user);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  client.setConfig({ baseUrl: base });
  speak("zh");
  signedIn(granted("good"));
});

afterEach(() => {
  signedOut();
  server.closeAllConnections();
  server.close();
});

describe("the session", () => {
  it("goes with every call, in the language of the page", async () => {
    await expect(answer(me())).resolves.toEqual(user);
    expect(asked).toEqual(["GET /auth/me good zh"]);
  });

  it("is renewed once when the server refuses the token, for all calls together", async () => {
    valid = "other";
    refresh = () => ({ status: 200, token: "fresh" });
    await Promise.all([answer(me()), answer(me())]);
    expect(asked.filter((a) => a.includes("refresh"))).toHaveLength(1);
    expect(asked.filter((a) => a.includes(" fresh "))).toHaveLength(2);
  });

  it("is not renewed again for an answer that was under way meanwhile", async () => {
    valid = "other";
    refresh = () => ({ status: 200, token: "fresh" });
    let held: ServerResponse | undefined;
    routes["/slow"] = (_req, res) => {
      if (held) return send(res, 200, {});
      held = res;
    };
    const slow = authorised(`${base}/slow`);
    await vi.waitFor(() => expect(held).toBeDefined());
    await answer(me());
    if (held) send(held, 401, {});
    expect((await slow).status).toBe(200);
    expect(asked.filter((a) => a.includes("refresh"))).toHaveLength(1);
  });

  it("is renewed before the call when the token is about to end", async () => {
    signedIn(granted("good", 5_000));
    refresh = () => ({ status: 200, token: "fresh" });
    await answer(me());
    expect(asked).toEqual(["POST /auth/refresh - zh", "GET /auth/me fresh zh"]);
  });

  it("keeps the call waiting until one has signed in again", async () => {
    valid = "later";
    const call = answer(me());
    await vi.waitFor(() => expect(getSession().status).toBe("expired"));
    signedIn(granted("later"));
    await expect(call).resolves.toEqual(user);
  });

  it("gives the refusal when the reader gives up", async () => {
    valid = "later";
    const call = answer(me());
    await vi.waitFor(() => expect(getSession().status).toBe("expired"));
    signedOut();
    await expect(call).rejects.toMatchObject({ status: 401, code: "unauthenticated" });
  });

  it("is not ended by a server that is down", async () => {
    valid = "other";
    refresh = () => ({ status: 503 });
    await expect(answer(me())).rejects.toMatchObject({ status: 401 });
    expect(getSession().status).toBe("in");
    await expect(renew()).resolves.toBe("unreachable");
  });

  it("is never asked for by a call that signs in", async () => {
    await expect(answer(login({ body: { name: "a", password: "b" } }))).rejects.toMatchObject({
      code: "invalid_credentials",
      title: "no",
    });
    expect(asked).toEqual(["POST /auth/login - zh"]);
  });

  it("only expires when there was one", () => {
    signedOut();
    sessionExpired();
    expect(getSession().status).toBe("out");
  });
});

it("an unreachable server is an error of its own", async () => {
  client.setConfig({ baseUrl: "http://127.0.0.1:9/api/v1" });
  await expect(answer(me())).rejects.toMatchObject({ code: "offline", status: 0 });
});

it("a call stopped by the page is no error of the server", async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(authorised(`${base}/auth/me`, { signal: stop.signal })).rejects.toHaveProperty(
    "name",
    "AbortError",
  );
});

describe("following a stream", () => {
  it("resumes after a break with the last id and ends with the last message", async () => {
    let tries = 0;
    const resumedFrom: (string | undefined)[] = [];
    routes["/tests/x/events"] = (req, res) => {
      tries += 1;
      resumedFrom.push(req.headers["last-event-id"] as string | undefined);
      res.writeHead(200, { "content-type": "text/event-stream" });
      if (tries === 1) {
        res.write("event: snapshot\nid: 4\ndata: {}\n\nevent: event\nid: 5\ndata: {}\n\n: ping\n\n");
        setTimeout(() => res.destroy(), 20);
      } else {
        res.end("event: event\nid: 6\ndata: {}\n\nevent: end\ndata: {}\n\n");
      }
    };
    const got: string[] = [];
    const links: string[] = [];
    await follow({
      url: `${base}/tests/x/events`,
      signal: new AbortController().signal,
      isLast: (m: SseMessage) => m.event === "end",
      onOpen: () => links.push("open"),
      onLost: () => links.push("lost"),
      onMessage: (m) => got.push(`${m.event} ${m.id ?? ""}`),
    });
    expect(got).toEqual(["snapshot 4", "event 5", "event 6", "end "]);
    expect(links).toEqual(["open", "lost", "open"]);
    expect(resumedFrom).toEqual([undefined, "5"]);
  });

  it("breaks a silent stream and comes back", async () => {
    let tries = 0;
    routes["/tests/x/events"] = (_req, res) => {
      tries += 1;
      res.writeHead(200, { "content-type": "text/event-stream" });
      if (tries === 1) res.flushHeaders();
      else res.end("event: end\ndata: {}\n\n");
    };
    let lost = 0;
    await follow({
      url: `${base}/tests/x/events`,
      signal: new AbortController().signal,
      isLast: () => true,
      onOpen: () => undefined,
      onLost: () => (lost += 1),
      onMessage: () => undefined,
      silenceMs: 60,
    });
    expect([tries, lost]).toEqual([2, 1]);
  });

  it("gives up at once when the test does not exist", async () => {
    routes["/tests/x/events"] = (_req, res) => send(res, 404, { code: "not_found", status: 404 });
    const following = follow({
      url: `${base}/tests/x/events`,
      signal: new AbortController().signal,
      isLast: () => false,
      onOpen: () => undefined,
      onLost: () => undefined,
      onMessage: () => undefined,
    });
    await expect(following).rejects.toMatchObject({ code: "not_found", status: 404 });
  });

  it("stops quietly with the page", async () => {
    routes["/tests/x/events"] = (_req, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write("event: snapshot\nid: 4\ndata: {}\n\n");
    };
    const stop = new AbortController();
    const following = follow({
      url: `${base}/tests/x/events`,
      signal: stop.signal,
      isLast: () => false,
      onOpen: () => undefined,
      onLost: () => expect.unreachable("the page left on purpose"),
      onMessage: () => stop.abort(),
    });
    await expect(following).resolves.toBeUndefined();
  });
});
