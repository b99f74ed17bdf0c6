/** The archive tree as a flat list of what is visible, and how the keyboard moves in it. Pure. */
import type { ArchiveEntry } from "@/api/types.gen";

export interface Node {
  /** engine, engine/model or engine/model/timestamp */
  path: string;
  name: string;
  kind: ArchiveEntry["kind"];
  level: number; // from 1
  place: number; // among its siblings, from 1
  siblings: number;
  open: boolean;
  tests: number | undefined;
  testId: string | undefined;
  archivedAt: string | undefined;
}

export type Folder =
  | { status: "pending" }
  | { status: "error"; error: unknown }
  | { status: "ready"; entries: readonly ArchiveEntry[] };

export function pathOf(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What can be seen: a folder's entries, each open folder followed by its own. */
export function visible(
  folder: (path: string) => Folder | undefined,
  open: ReadonlySet<string>,
  path = "",
): Node[] {
  const found = folder(path);
  if (found?.status !== "ready") return [];
  const level = path === "" ? 1 : path.split("/").length + 1;
  return found.entries.flatMap((entry, i) => {
    const at = pathOf(path, entry.name);
    const isOpen = entry.kind !== "test" && open.has(at);
    const node: Node = {
      path: at,
      name: entry.name,
      kind: entry.kind,
      level,
      place: i + 1,
      siblings: found.entries.length,
      open: isOpen,
      tests: entry.tests,
      testId: entry.test_id,
      archivedAt: entry.archived_at,
    };
    return isOpen ? [node, ...visible(folder, open, at)] : [node];
  });
}

export type Move = { focus?: string; open?: string; close?: string; choose?: string };

/** What a key does at a node, after the tree pattern of the ARIA practices; undefined when nothing. */
export function moveBy(key: string, nodes: readonly Node[], at: string): Move | undefined {
  const i = nodes.findIndex((n) => n.path === at);
  const node = nodes[i];
  if (!node) return nodes[0] ? { focus: nodes[0].path } : undefined;
  const to = (n: Node | undefined) => (n ? { focus: n.path } : undefined);
  const folder = node.kind !== "test";
  switch (key) {
    case "ArrowDown":
      return to(nodes[i + 1]);
    case "ArrowUp":
      return to(nodes[i - 1]);
    case "Home":
      return to(nodes[0]);
    case "End":
      return to(nodes[nodes.length - 1]);
    case "ArrowRight":
      if (!folder) return undefined;
      if (!node.open) return { open: node.path };
      return nodes[i + 1]?.level === node.level + 1 ? to(nodes[i + 1]) : undefined;
    case "ArrowLeft":
      if (folder && node.open) return { close: node.path };
      return to(nodes.find((n) => n.path === parentOf(node.path)));
    case "Enter":
    case " ":
      if (!folder) return { choose: node.path };
      return node.open ? { close: node.path } : { open: node.path };
    default:
      return key.length === 1 ? to(startingWith(key, nodes, i)) : undefined;
  }
}

// The next node whose name begins with the letter, going round.
function startingWith(letter: string, nodes: readonly Node[], from: number): Node | undefined {
  const round = [...nodes.slice(from + 1), ...nodes.slice(0, from)];
  return round.find((n) => n.name.toLowerCase().startsWith(letter.toLowerCase()));
}
