import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { getToasts, notifyDone, notifyError, removeToast } from "@/components/notify";
import { Toasts } from "@/components/toasts";
import { ApiError } from "@/lib/errors";
import { show } from "@/test/render";

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  vi.useRealTimers();
  for (const toast of getToasts()) removeToast(toast.id);
});

it("what went well goes by itself, what failed stays until it is closed", async () => {
  show(<Toasts />);
  act(() => {
    notifyDone("it is archived");
    notifyError(
      new ApiError({ status: 409, code: "busy", detail: "it runs", request_id: "r1" }),
      "not deleted",
    );
  });
  expect(screen.getByText("it is archived")).toBeTruthy();
  act(() => vi.advanceTimersByTime(4_000));
  expect(screen.queryByText("it is archived")).toBeNull();
  expect(screen.getByText("not deleted")).toBeTruthy();
  expect(screen.getByText("it runs (Request r1)")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.queryByText("not deleted")).toBeNull();
});

it("never more than four at once, the newest win", () => {
  for (let i = 1; i <= 6; i += 1) notifyDone(`done ${i}`);
  expect(getToasts().map((t) => t.message)).toEqual(["done 3", "done 4", "done 5", "done 6"]);
});
