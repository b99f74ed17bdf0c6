import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ProblemAlert } from "@/components/problem";
import { ApiError, problemOf } from "@/lib/errors";
import { changeLanguage } from "@/lib/i18n";
import { show } from "@/test/render";

const refused = problemOf(422, {
  title: "The document has faults",
  detail: "Correct the fields below",
  code: "invalid_spec",
  request_id: "req-7f3a",
  errors: [
    {
      pointer: "/concurrency/1",
      code: "out_of_range",
      detail: "must be from 1 to 65536",
      fix: "choose another",
    },
  ],
});

it("says what, why, what to do and which request", async () => {
  const onFault = vi.fn();
  show(<ProblemAlert error={refused} onFault={onFault} />);
  const alert = screen.getByRole("alert");
  for (const text of [
    "The document has faults",
    "Correct the fields below",
    "must be from 1 to 65536",
    "choose another",
    "req-7f3a",
  ]) {
    expect(alert.textContent).toContain(text);
  }
  await userEvent.click(screen.getByRole("button", { name: "/concurrency/1" }));
  expect(onFault).toHaveBeenCalledWith(refused.faults[0]);
});

it("has words of its own when the server is not there, in the language of the page", async () => {
  const onRetry = vi.fn();
  show(<ProblemAlert error={new ApiError({ status: 0, code: "offline" })} onRetry={onRetry} />);
  expect(screen.getByText("The server cannot be reached")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(onRetry).toHaveBeenCalledOnce();
  await changeLanguage("zh-CN");
  expect(await screen.findByText("无法连接服务器")).toBeTruthy();
  await changeLanguage("en");
});

it("tells the status when the answer says nothing", () => {
  show(<ProblemAlert error={problemOf(502, "<html>")} />);
  expect(screen.getByText("The server answered 502")).toBeTruthy();
});
