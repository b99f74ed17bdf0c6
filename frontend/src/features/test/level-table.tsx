import { Fragment } from "react";
import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Level, Stats } from "@/api/types.gen";
import classes from "@/features/test/level-table.module.css";
import { beyond } from "@/features/test/series";
import type { Percentile } from "@/features/test/series";
import { UNKNOWN, formatCount, formatDuration, formatFigure } from "@/lib/format";

const metrics = [
  { key: "ttft_ms", name: "TTFT", about: "metric.ttft" },
  { key: "tpot_ms", name: "TPOT", about: "metric.tpot" },
  { key: "itl_ms", name: "ITL", about: "metric.itl" },
  { key: "e2e_ms", name: "E2E", about: "metric.e2e" },
] as const;
const percentiles: Percentile[] = ["p50", "p90", "p95", "p99"];

/** Every loop of every level with its figures. What is not known is a dash. */
export function LevelTable({ levels }: { levels: Level[] }) {
  const { t } = useTranslation();
  const openLoop = levels.some((l) => l.rate_per_s !== undefined);
  return (
    <div
      className={`panel ${classes.frame ?? ""}`}
      tabIndex={0}
      role="region"
      aria-label={t("result.levels")}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th rowSpan={2} scope="col" className={classes.sticky}>
              {openLoop ? "req/s" : t("chart.concurrency")}
            </th>
            <th rowSpan={2} scope="col">
              {t("result.loop")}
            </th>
            <th rowSpan={2} scope="col">
              {t("result.okFailed")}
            </th>
            <th rowSpan={2} scope="col">
              {t("result.time")}
            </th>
            <th colSpan={3} scope="colgroup" className={classes.group}>
              {t("result.throughput")}
            </th>
            {metrics.map((m) => (
              <th key={m.key} colSpan={4} scope="colgroup" className={classes.group}>
                <Tooltip label={t(m.about)} multiline w={280}>
                  <abbr tabIndex={0}>{m.name}</abbr>
                </Tooltip>{" "}
                <small>ms</small>
              </th>
            ))}
          </tr>
          <tr>
            <th scope="col" className={classes.group}>
              req/s
            </th>
            <th scope="col">{t("result.outputRate")}</th>
            <th scope="col">{t("result.totalRate")}</th>
            {metrics.map((m) =>
              percentiles.map((p, i) => (
                <th key={m.key + p} scope="col" className={i === 0 ? classes.group : undefined}>
                  {p}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {levels.map((level) => (
            <Row key={`${level.level} ${level.loop}`} level={level} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ level }: { level: Level }) {
  const { t } = useTranslation();
  const { requests, throughput } = level;
  const errors = Object.entries(level.errors).map(([name, n]) => `${name} × ${n}`);
  const notes = [...errors, ...(level.incomplete ? [level.incomplete] : [])];
  return (
    <tr>
      <th scope="row" className={classes.sticky}>
        {level.rate_per_s ?? level.concurrency}
      </th>
      <td>{level.loop + 1}</td>
      <td>
        {formatCount(requests.ok)} /{" "}
        {requests.failed > 0 || level.incomplete ? (
          <Tooltip label={notes.join(" · ")} multiline maw={360} disabled={notes.length === 0}>
            <span className={classes.bad} tabIndex={0}>
              {formatCount(requests.failed)}
              {level.incomplete && ` (${t("result.incomplete")})`}
            </span>
          </Tooltip>
        ) : (
          formatCount(requests.failed)
        )}
      </td>
      <td>{formatDuration(level.duration_ms)}</td>
      <td className={classes.group}>{formatFigure(throughput.requests_per_s)}</td>
      <td className={classes.strong}>{formatFigure(throughput.output_tokens_per_s)}</td>
      <td>{formatFigure(throughput.total_tokens_per_s)}</td>
      {metrics.map((m) => (
        <Fragment key={m.key}>
          {percentiles.map((p, i) => (
            <td key={p} className={i === 0 ? classes.group : undefined}>
              <Figure stats={level[m.key]} p={p} />
            </td>
          ))}
        </Fragment>
      ))}
    </tr>
  );
}

// A percentile with less than one value beyond it is the largest value by another name: it is set apart.
function Figure({ stats, p }: { stats: Stats | null; p: Percentile }) {
  const { t } = useTranslation();
  if (!stats) return <span className={classes.none}>{UNKNOWN}</span>;
  if (beyond(stats, p) >= 1) return <>{formatFigure(stats[p])}</>;
  return (
    <Tooltip label={t("result.fewSamples", { count: stats.count })}>
      <span className={classes.guess}>{formatFigure(stats[p])}</span>
    </Tooltip>
  );
}
