import { Code, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { TestEvent } from "@/api/types.gen";
import { Empty } from "@/components/empty";
import { Late } from "@/components/late";
import { ProblemAlert } from "@/components/problem";
import { traceQuery } from "@/data/tests";
import classes from "@/features/test/events.module.css";
import { toApiError } from "@/lib/errors";
import { formatDuration, formatTime, spanMs } from "@/lib/format";

/** Every event of the test in the order of the stream. */
export function Events({ id }: { id: string }) {
  const { t } = useTranslation();
  const trace = useQuery(traceQuery(id));
  if (trace.isPending) {
    return (
      <Late>
        <Skeleton height={240} />
      </Late>
    );
  }
  if (trace.isError)
    return <ProblemAlert error={toApiError(trace.error)} onRetry={() => void trace.refetch()} />;
  if (trace.data.length === 0) return <Empty icon="list" title={t("event.none")} />;
  return (
    <div className={`panel ${classes.frame ?? ""}`}>
      <table className={classes.table} aria-label={t("tab.events")}>
        <thead>
          <tr>
            <th scope="col" className={classes.right}>
              {t("event.seq")}
            </th>
            <th scope="col">{t("event.time")}</th>
            <th scope="col" className={classes.right}>
              Δ
            </th>
            <th scope="col">{t("event.kind")}</th>
            <th scope="col">{t("event.source")}</th>
            <th scope="col">{t("event.data")}</th>
          </tr>
        </thead>
        <tbody>
          {trace.data.map((event, i) => (
            <Row key={event.seq} event={event} before={trace.data[i - 1]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ event, before }: { event: TestEvent; before: TestEvent | undefined }) {
  const { t } = useTranslation();
  const millis = event.time.match(/\.(\d{1,3})/)?.[1]?.padEnd(3, "0") ?? "000";
  const delta = before ? spanMs(before.time, event.time) : undefined;
  return (
    <tr>
      <td className={classes.right}>{event.seq}</td>
      <td className={classes.nowrap} title={event.time}>
        {formatTime(event.time)}.{millis}
      </td>
      <td className={classes.right}>{delta === undefined ? "" : `+${formatDuration(delta)}`}</td>
      <td className={classes.nowrap}>
        <span className="mono">{event.kind}</span>
        <Text size="xs" c="dimmed">
          {t(`kind.${event.kind}`, { defaultValue: "" })}
        </Text>
      </td>
      <td className={`mono ${classes.source ?? ""}`}>{event.source}</td>
      <td className={classes.data}>
        <details>
          <summary>{t("event.show")}</summary>
          <Code block className={classes.code ?? ""}>
            {JSON.stringify(event.data, null, 2)}
          </Code>
        </details>
      </td>
    </tr>
  );
}
