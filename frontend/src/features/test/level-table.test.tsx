import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { LevelTable } from "@/features/test/level-table";
import { aLevel, aStats } from "@/test/factories";
import { show } from "@/test/render";

const cells = (row: HTMLElement) =>
  within(row)
    .getAllByRole("cell")
    .map((cell) => cell.textContent);

it("shows a dash for what is not known, never 0", () => {
  show(
    <LevelTable
      levels={[
        aLevel({
          duration_ms: null,
          throughput: { requests_per_s: null, output_tokens_per_s: null, total_tokens_per_s: null },
          ttft_ms: null,
          tpot_ms: null,
          itl_ms: null,
          e2e_ms: null,
        }),
      ]}
    />,
  );
  const [, , row] = screen.getAllByRole("row");
  if (!row) throw new Error("there is no row");
  expect(cells(row)).toEqual(["1", "80 / 0", ...Array(20).fill("—")]);
});

it("has one row per loop and level, named by the load", () => {
  show(<LevelTable levels={[aLevel(), aLevel({ loop: 1 }), aLevel({ level: 1, concurrency: 64 })]} />);
  expect(screen.getAllByRole("rowheader").map((h) => h.textContent)).toEqual(["8", "8", "64"]);
});

it("names failures and percentiles made of too few values", () => {
  show(
    <LevelTable
      levels={[
        aLevel({
          requests: { asked: 80, total: 80, ok: 73, failed: 7 },
          errors: { stall_timeout: 7 },
          ttft_ms: aStats({ count: 50, p95: 66, p99: 88 }),
        }),
      ]}
    />,
  );
  expect(screen.getByText("7").tabIndex).toBe(0);
  const guesses = [...document.querySelectorAll("[class*=guess]")].map((g) => g.textContent);
  expect(guesses).toEqual(["88.0"]);
});

it("puts the rate in place of the concurrency in open loop", () => {
  show(<LevelTable levels={[aLevel({ concurrency: 0, rate_per_s: 12.5 })]} />);
  expect(screen.getByRole("rowheader").textContent).toBe("12.5");
});
