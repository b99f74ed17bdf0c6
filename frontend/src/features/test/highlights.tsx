import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Level } from "@/api/types.gen";
import classes from "@/features/test/highlights.module.css";
import { totalsOf } from "@/features/test/series";
import { formatCount, formatFigure, formatPercent } from "@/lib/format";

/** The five figures people ask for first. */
export function Highlights({ levels }: { levels: Level[] }) {
  const { t } = useTranslation();
  const totals = totalsOf(levels);
  const best = totals.best?.level;
  const done = totals.ok + totals.failed;
  const openLoop = levels.some((l) => l.rate_per_s !== undefined);
  const at = totals.best
    ? t(openLoop ? "highlight.atRate" : "highlight.atConcurrency", { load: totals.best.load })
    : "";
  return (
    <dl className={`panel ${classes.strip ?? ""}`} aria-label={t("highlight.label")}>
      <Figure
        label={t("highlight.output")}
        value={formatFigure(totals.best?.output)}
        unit="tok/s"
        note={at}
      />
      <Figure
        label="TTFT p50 / p99"
        value={`${formatFigure(best?.ttft_ms?.p50)} / ${formatFigure(best?.ttft_ms?.p99)}`}
        unit="ms"
        note={at}
      />
      <Figure
        label="TPOT p50 / p99"
        value={`${formatFigure(best?.tpot_ms?.p50)} / ${formatFigure(best?.tpot_ms?.p99)}`}
        unit="ms"
        note={at}
      />
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
