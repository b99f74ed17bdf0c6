import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Level } from "@/api/types.gen";
import classes from "@/features/test/highlights.module.css";
import { percentile, pointsOf, totalsOf } from "@/features/test/series";
import { formatCount, formatFigure, formatPercent } from "@/lib/format";

/** The five figures people ask for first. */
export function Highlights({ levels }: { levels: Level[] }) {
  const { t } = useTranslation();
  const totals = totalsOf(levels);
  const best = totals.best?.levels ?? [];
  const done = totals.ok + totals.failed;
  const openLoop = levels.some((l) => l.rate_per_s !== undefined);
  const at = totals.best
    ? t(openLoop ? "highlight.atRate" : "highlight.atConcurrency", { load: totals.best.load })
    : "";
  const atWorst = best.length > 1 ? `${at} · ${t("highlight.worst")}` : at;
  return (
    <dl className={`panel ${classes.strip ?? ""}`} aria-label={t("highlight.label")}>
      <Figure
        label={t("highlight.output")}
        value={formatFigure(totals.best?.output)}
        unit="tok/s"
        note={at}
      />
      <Figure label="TTFT p50 / p99" value={pair(best, "ttft_ms")} unit="ms" note={atWorst} />
      <Figure label="TPOT p50 / p99" value={pair(best, "tpot_ms")} unit="ms" note={atWorst} />
      <Figure
        label={t("highlight.requests")}
        value={formatCount(totals.ok)}
        unit={t("highlight.ofAsked", { n: formatCount(totals.asked) })}
        note=""
      />
      <Figure
        label={t("highlight.errors")}
        value={done > 0 ? formatPercent((totals.failed / done) * 100) : "—"}
        unit=""
        note={totals.errors.map(([name, n]) => `${name} × ${n}`).join(" · ")}
        bad={totals.failed > 0}
      />
    </dl>
  );
}

// p50 of the middle loop, p99 of the worst: percentiles of loops cannot be put together.
function pair(levels: Level[], metric: "ttft_ms" | "tpot_ms"): string {
  const p50 = pointsOf(levels, percentile(metric, "p50"))[0]?.mid;
  const p99 = pointsOf(levels, percentile(metric, "p99"))[0]?.high;
  return `${formatFigure(p50)} / ${formatFigure(p99)}`;
}

interface FigureProps {
  label: string;
  value: string;
  unit: string;
  note: string;
  bad?: boolean;
}

function Figure({ label, value, unit, note, bad = false }: FigureProps) {
  return (
    <div className={classes.figure}>
      <dt>{label}</dt>
      <dd>
        <Text span fz={22} fw={650} lh={1.2} {...(bad ? { c: "var(--mantine-color-error)" } : {})}>
          {value}
        </Text>{" "}
        <Text span size="xs" c="dimmed">
          {unit}
        </Text>
        {note && (
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        )}
      </dd>
    </div>
  );
}
