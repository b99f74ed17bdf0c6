import { Group, Text } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { AnchorLink } from "@/components/links";
import type { TestSummary } from "@/api/types.gen";
import { PlaceBadge, StateBadge, VerdictBadge } from "@/components/badges";
import type { TestActions } from "@/components/use-test-actions";
import { useNow } from "@/components/use-now";
import { durationOf } from "@/features/history/columns";
import classes from "@/features/history/history.module.css";
import { RowActions } from "@/features/history/row-actions";
import { formatDuration, formatElapsed, formatOffset, formatTime } from "@/lib/format";
import { isFinal } from "@/lib/states";

const ROW = 53; // height of a row before it is measured, pixels

interface Props {
  tests: TestSummary[];
  actions: TestActions;
}

/** The history as a table; only the rows in sight are drawn. */
export function HistoryTable({ tests, actions }: Props) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const box = body.current?.getBoundingClientRect();
    if (box) setTop(Math.round(box.top + window.scrollY));
  }, []);
  const now = useNow(tests.some((test) => !isFinal(test.state)));
  const rows = useWindowVirtualizer({
    count: tests.length,
    estimateSize: () => ROW,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (i) => tests[i]?.id ?? i,
  });
  const seen = rows.getVirtualItems();
  const first = seen[0];
  const last = seen[seen.length - 1];
  const before = first ? first.start - top : 0;
  const after = last ? rows.getTotalSize() - (last.end - top) : 0;

  return (
    <div className={`panel ${classes.frame ?? ""}`}>
      <table className={classes.table} aria-label={t("nav.tests")} aria-rowcount={tests.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{t("history.time")}</th>
            <th scope="col">{t("history.test")}</th>
            <th scope="col">{t("history.engine")}</th>
            <th scope="col">{t("tab.parameters")}</th>
            <th scope="col">{t("history.state")}</th>
            <th scope="col" className={classes.right}>
              {t("history.duration")}
            </th>
            <th scope="col" className={classes.right}>
              {t("history.actions")}
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <Space height={before} />}
          {seen.map(({ index, key }) => {
            const test = tests[index];
            return (
              test && (
                <tr key={key} data-index={index} aria-rowindex={index + 2} ref={rows.measureElement}>
                  <Row test={test} now={now} actions={actions} />
                </tr>
              )
            );
          })}
          {after > 0 && <Space height={after} />}
        </tbody>
      </table>
    </div>
  );
}

function Space({ height }: { height: number }) {
  return (
    <tr aria-hidden="true" className={classes.space}>
      <td colSpan={7} style={{ height }} />
    </tr>
  );
}

function Row({ test, now, actions }: { test: TestSummary; now: number; actions: TestActions }) {
  const { t } = useTranslation();
  return (
    <>
      <td
        className={classes.time}
        title={`${formatTime(test.created_at)} UTC${formatOffset(test.created_at)}`}
      >
        {formatTime(test.created_at, false)}
      </td>
      <td className={classes.name}>
        <AnchorLink
          to="/tests/$id"
          params={{ id: test.id }}
          size="sm"
          fw={600}
          className={classes.link ?? ""}
        >
          {test.name || test.model}
        </AnchorLink>
        {test.name && (
          <Text size="xs" c="dimmed" truncate title={test.model}>
            {test.model}
          </Text>
        )}
      </td>
      <td className={classes.engine}>
        {test.engine}
        <Text size="xs" c="dimmed">
          {test.generator} · {test.mode}
        </Text>
      </td>
      <td className={classes.figures}>
        {test.input_length} → {test.output_length} {t("unit.tokens")}
        <Text size="xs" c="dimmed" truncate title={test.concurrency}>
          {t("history.load")} {test.concurrency}
          {test.loop > 1 && ` × ${test.loop}`}
          <span className="sr-only">{t("history.loops", { count: test.loop })}</span>
        </Text>
      </td>
      <td className={classes.state}>
        <Group gap={4}>
          <StateBadge state={test.state} size="sm" />
          <VerdictBadge verdict={test.verdict} size="sm" />
          <PlaceBadge test={test} />
        </Group>
        {test.failure_class && (
          <Text size="xs" c="var(--bad)" mt={2}>
            {t(`class.${test.failure_class}`, { defaultValue: test.failure_class })}
          </Text>
        )}
      </td>
      <td className={classes.right}>
        {(isFinal(test.state) ? formatDuration : formatElapsed)(durationOf(test, now))}
      </td>
      <td className={classes.right}>
        <RowActions test={test} actions={actions} />
      </td>
    </>
  );
}
