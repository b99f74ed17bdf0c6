import { describe, expect, it } from "vitest";
import { ApiError, errorAsText, problemOf, toApiError } from "@/lib/errors";

const problem = {
  type: "about:blank",
  title: "The document has faults",
  status: 422,
  code: "invalid_spec",
  detail: "Correct the fields below",
  request_id: "req-1",
  retryable: false,
  errors: [
    {
      pointer: "/concurrency/1",
      code: "out_of_range",
      detail: "must be from 1 to 65536",
      fix: "choose another",
    },
    { pointer: "/model", code: "required", detail: "is empty" },
    "not a fault",
  ],
};

describe("problemOf", () => {
  it("reads a problem with all its faults", () => {
    const e = problemOf(422, problem);
    expect([e.status, e.code, e.title, e.detail, e.requestId]).toEqual([
      422,
      "invalid_spec",
      "The document has faults",
      "Correct the fields below",
      "req-1",
    ]);
    expect(e.faults).toEqual([problem.errors[0], problem.errors[1]]);
  });

  it.each([["<html>Bad gateway</html>"], [undefined], [null], [[]], [42]])("survives the body %j", (body) => {
    const e = problemOf(502, body, "req-9");
    expect([e.status, e.code, e.requestId, e.faults]).toEqual([502, "http_502", "req-9", []]);
  });

  it("takes no value of the wrong type", () => {
    const e = problemOf(500, { code: 7, title: {}, detail: [], errors: {}, retryable: "yes" });
    expect([e.code, e.title, e.detail, e.faults, e.retryable]).toEqual(["http_500", "", "", [], false]);
  });
});

describe("toApiError", () => {
  it("keeps an ApiError", () => {
    const e = new ApiError({ status: 404, code: "not_found" });
    expect(toApiError(e)).toBe(e);
  });
  it("takes what fetch throws for an unreachable server", () => {
    expect(toApiError(new TypeError("Failed to fetch"))).toMatchObject({
      status: 0,
      code: "offline",
      retryable: true,
    });
  });
  it.each([[new Error("boom")], ["boom"]])("tells of anything else", (thrown) => {
    expect(toApiError(thrown)).toMatchObject({ code: "unexpected", detail: "boom" });
  });
});

it("writes an error for a ticket", () => {
  expect(errorAsText(problemOf(422, problem))).toBe(
    [
      "The document has faults",
      "Correct the fields below",
      "/concurrency/1: must be from 1 to 65536 choose another",
      "/model: is empty ",
      "code: invalid_spec",
      "status: 422",
      "request id: req-1",
    ].join("\n"),
  );
});
