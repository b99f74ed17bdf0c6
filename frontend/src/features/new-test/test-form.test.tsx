import { createEvent, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { client } from "@/api/client.gen";
import { emptyForm } from "@/features/new-test/form";
import type { FormValues } from "@/features/new-test/form";
import { TestForm } from "@/features/new-test/test-form";
import { recall } from "@/lib/storage";
import { aTest } from "@/test/factories";
import { show } from "@/test/render";

/** What the form sends; the answer is that of the given server. */
let sent: { url: string; body: unknown; key: string | null }[];
let answer: () => Response;

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

beforeEach(() => {
  sent = [];
  answer = () => json(202, aTest({ id: "made" }));
  client.setConfig({
    baseUrl: "http://server/api/v1",
    fetch: async (input) => {
      const request = new Request(input);
      if (request.url.includes("dry_run")) {
        return json(200, {
          spec: {},
          plan: { levels: [{ index: 0, concurrency: 8, requests: 80 }], loops: 3 },
          requests: 240,
          command: "evalscope perf --parallel 8",
          warnings: ["mind the gap"],
        });
      }
      sent.push({
        url: request.url,
        body: await request.json(),
        key: request.headers.get("Idempotency-Key"),
      });
      return answer();
    },
  });
});

function open(initial: Partial<FormValues> = {}, onStarted = vi.fn()) {
  show(
    <TestForm initial={{ ...emptyForm, ...initial }} kept={{}} draftKey="draft.x" onStarted={onStarted} />,
  );
  return onStarted;
}

const start = () => userEvent.click(screen.getByRole("button", { name: "Start test" }));
const field = (name: string | RegExp) => screen.getByRole("textbox", { name });

it("starts the test that was typed, and once only", async () => {
  const onStarted = open({ model: "m", mode: "simulated" });
  await userEvent.clear(field(/Concurrency levels/));
  await userEvent.type(field(/Concurrency levels/), "1, 8，６４");
  await start();
  await waitFor(() => expect(onStarted).toHaveBeenCalledOnce());
  expect(sent).toHaveLength(1);
  expect(sent[0]?.body).toMatchObject({
    model: "m",
    concurrency: [1, 8, 64],
    input_length: 1024,
    mode: "simulated",
  });
  expect(sent[0]?.key).toMatch(/^[0-9a-f]{32}$/);
});

it("lists every field that is not right, and goes to the first", async () => {
  open({ loop: "x" });
  await start();
  const list = await screen.findByRole("alert");
  expect(list.textContent).toContain("3 fields need a look");
  expect([...list.querySelectorAll("button")].map((b) => b.textContent)).toEqual([
    "Model",
    "Target URL",
    "Loops",
  ]);
  expect(document.activeElement).toBe(field(/^Model/));
  await userEvent.click(screen.getByRole("button", { name: "Loops" }));
  expect(document.activeElement).toBe(field("Loops"));
  expect(sent).toEqual([]);
});

it("says what is wrong with a field when it is left", async () => {
  open();
  await userEvent.click(field(/Target URL/));
  await userEvent.type(field(/Target URL/), "10.0.0.5:8000");
  await userEvent.tab();
  expect(await screen.findByText("Enter an address such as http://10.0.0.5:8000/v1")).toBeTruthy();
  expect(field(/Target URL/).getAttribute("aria-invalid")).toBe("true");
});

it("puts what the server refuses beside its field", async () => {
  answer = () =>
    json(422, {
      code: "invalid_spec",
      title: "The document has faults",
      status: 422,
      errors: [
        {
          pointer: "/concurrency/1",
          code: "out_of_range",
          detail: "must be from 1 to 65536",
          fix: "choose another",
        },
      ],
    });
  const onStarted = open({ model: "m", mode: "simulated" });
  await start();
  expect(await screen.findByText("must be from 1 to 65536 · choose another")).toBeTruthy();
  expect(document.activeElement).toBe(field(/Concurrency levels/));
  expect(onStarted).not.toHaveBeenCalled();
});

it("asks again with the same key after a break, with another key for another test", async () => {
  answer = () => json(503, { code: "unavailable", title: "later", status: 503 });
  open({ model: "m", mode: "simulated" });
  await start();
  await screen.findByText("later");
  await start();
  await waitFor(() => expect(sent).toHaveLength(2));
  await userEvent.type(field("Test name"), "n");
  await start();
  await waitFor(() => expect(sent).toHaveLength(3));
  expect(sent[1]?.key).toBe(sent[0]?.key);
  expect(sent[2]?.key).not.toBe(sent[0]?.key);
});

it("does not start while a word is composed", () => {
  open({ model: "m", mode: "simulated" });
  const composing = createEvent.keyDown(field(/^Model/), { key: "Enter", isComposing: true });
  fireEvent(field(/^Model/), composing);
  expect(composing.defaultPrevented).toBe(true);
  const plain = createEvent.keyDown(field(/^Model/), { key: "Enter" });
  fireEvent(field(/^Model/), plain);
  expect(plain.defaultPrevented).toBe(false);
});

it("shows the plan and the command", async () => {
  open({ model: "m", mode: "simulated" });
  expect(await screen.findByText("240 requests", {}, { timeout: 3000 })).toBeTruthy();
  expect(screen.getByText("mind the gap")).toBeTruthy();
  await userEvent.click(screen.getByRole("tab", { name: "evalscope" }));
  expect(screen.getByText("evalscope perf --parallel 8")).toBeTruthy();
  await userEvent.click(screen.getByRole("tab", { name: "YAML" }));
  expect(screen.getByText(/input_length: 1024/)).toBeTruthy();
});

it("keeps what was typed as a draft", async () => {
  open();
  await userEvent.type(field(/^Model/), "qwen");
  await waitFor(() => expect(recall("draft.x")).toContain('"model":"qwen"'));
});
