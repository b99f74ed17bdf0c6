import { Loader, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/components/icon";
import classes from "@/features/archive/archive.module.css";
import { moveBy } from "@/features/archive/tree";
import type { Node } from "@/features/archive/tree";
import { formatTime } from "@/lib/format";

interface Props {
  nodes: Node[];
  chosen: string | undefined;
  loading: (path: string) => boolean;
  onOpen: (path: string) => void;
  onClose: (path: string) => void;
  onChoose: (path: string) => void;
}

/** A tree for mouse and keyboard; one node at a time is in the tab order. */
export function ArchiveTree({ nodes, chosen, loading, onOpen, onClose, onChoose }: Props) {
  const { t } = useTranslation();
  const items = useRef(new Map<string, HTMLLIElement>());
  const [focused, setFocused] = useState<string>();
  const [wantsFocus, setWantsFocus] = useState(false);
  const current = [focused, chosen].find((path) => nodes.some((n) => n.path === path)) ?? nodes[0]?.path;

  useEffect(() => {
    if (wantsFocus && current !== undefined) items.current.get(current)?.focus();
  }, [wantsFocus, current]);

  const onKeyDown = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || current === undefined) return;
    const move = moveBy(e.key, nodes, current);
    if (!move) return;
    e.preventDefault();
    setWantsFocus(true);
    if (move.focus !== undefined) setFocused(move.focus);
    if (move.open !== undefined) onOpen(move.open);
    if (move.close !== undefined) onClose(move.close);
    if (move.choose !== undefined) onChoose(move.choose);
  };

  const click = (node: Node) => {
    setFocused(node.path);
    setWantsFocus(true);
    if (node.kind === "test") onChoose(node.path);
    else if (node.open) onClose(node.path);
    else onOpen(node.path);
  };

  return (
    <ul role="tree" aria-label={t("nav.archive")} className={classes.items} onKeyDown={onKeyDown}>
      {nodes.map((node) => (
        <li
          key={node.path}
          ref={(element) => {
            if (element) items.current.set(node.path, element);
            else items.current.delete(node.path);
          }}
          role="treeitem"
          aria-level={node.level}
          aria-posinset={node.place}
          aria-setsize={node.siblings}
          aria-expanded={node.kind === "test" ? undefined : node.open}
          aria-selected={node.path === chosen}
          aria-busy={node.open && loading(node.path) ? true : undefined}
          tabIndex={node.path === current ? 0 : -1}
          className={classes.item}
          style={{ paddingLeft: 8 + (node.level - 1) * 20 }}
          onClick={() => click(node)}
          onFocus={() => setFocused(node.path)}
        >
          <Twist node={node} busy={node.open && loading(node.path)} />
          <Icon name={node.kind === "test" ? "report" : "folder"} />
          <span className={classes.name}>{node.name}</span>
          <Text span size="xs" c="dimmed" className={classes.note}>
            {node.kind === "test"
              ? node.archivedAt && formatTime(node.archivedAt, false)
              : node.tests !== undefined && t("archive.tests", { count: node.tests })}
          </Text>
        </li>
      ))}
    </ul>
  );
}

function Twist({ node, busy }: { node: Node; busy: boolean }) {
  if (node.kind === "test") return <span className={classes.twist} />;
  return (
    <span className={classes.twist}>
      {busy ? <Loader size={12} /> : <Icon name={node.open ? "chevronDown" : "chevronRight"} size={14} />}
    </span>
  );
}
