import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { ArchiveTree } from "@/features/archive/archive-tree";
import { visible } from "@/features/archive/tree";
import type { Folder } from "@/features/archive/tree";
import { show } from "@/test/render";

const folders: Record<string, Folder> = {
  "": {
    status: "ready",
    entries: [
      { name: "sglang", kind: "engine", tests: 1 },
      { name: "vllm", kind: "engine", tests: 2 },
    ],
  },
  vllm: { status: "ready", entries: [{ name: "qwen", kind: "model", tests: 2 }] },
  "vllm/qwen": { status: "ready", entries: [{ name: "20261123", kind: "test", test_id: "t1" }] },
};

function Tree({ onChoose }: { onChoose: (path: string) => void }) {
  const [open, setOpen] = useState<string[]>([]);
  return (
    <ArchiveTree
      nodes={visible((path) => folders[path], new Set(open))}
      chosen={undefined}
      loading={() => false}
      onOpen={(path) => setOpen((before) => [...before, path])}
      onClose={(path) => setOpen((before) => before.filter((p) => p !== path))}
      onChoose={onChoose}
    />
  );
}

it("is walked with the keyboard alone", async () => {
  const onChoose = vi.fn();
  show(<Tree onChoose={onChoose} />);
  await userEvent.tab();
  expect(document.activeElement?.textContent).toContain("sglang");
  await userEvent.keyboard("{ArrowDown}{ArrowRight}{ArrowRight}{Enter}{ArrowDown}");
  expect(document.activeElement?.textContent).toContain("20261123");
  await userEvent.keyboard("{Enter}");
  expect(onChoose).toHaveBeenCalledWith("vllm/qwen/20261123");
  await userEvent.keyboard("{Home}{End}{ArrowLeft}{ArrowLeft}");
  expect(screen.getAllByRole("treeitem")).toHaveLength(3);
  expect(document.activeElement?.textContent).toContain("qwen");
});

it("tells readers of the screen where they are", async () => {
  show(<Tree onChoose={() => undefined} />);
  await userEvent.click(screen.getByText("vllm"));
  const [, vllm, qwen] = screen.getAllByRole("treeitem");
  expect(vllm?.getAttribute("aria-expanded")).toBe("true");
  expect(qwen?.getAttribute("aria-level")).toBe("2");
  expect(screen.getAllByRole("treeitem").filter((i) => i.tabIndex === 0)).toHaveLength(1);
});
