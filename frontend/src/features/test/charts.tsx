import { Button, Group, SimpleGrid, Title } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Level } from "@/api/types.gen";
import { Icon } from "@/components/icon";
import { LevelChart } from "@/features/test/level-chart";
import type { Line } from "@/features/test/chart-options";
import { percentile, pointsOf } from "@/features/test/series";
import { formatMs, formatRate } from "@/lib/format";

interface Props {
  levels: Level[];
  asTable: boolean;
  onToggle: () => void;
}

/** How throughput and the wait for the first token change with the load. */
export function Charts({ levels, asTable, onToggle }: Props) {
  const { t } = useTranslation();
  const openLoop = levels.some((l) => l.rate_per_s !== undefined);
  const loadLabel = openLoop ? t("chart.rate") : t("chart.concurrency");
  const throughput = useMemo<Line[]>(
    () => [{ label: t("metric.output"), points: pointsOf(levels, (l) => l.throughput.output_tokens_per_s) }],
    [levels, t],
  );
  const ttft = useMemo<Line[]>(
    () => [
      { label: "TTFT p50", points: pointsOf(levels, percentile("ttft_ms", "p50")) },
      { label: "TTFT p99", points: pointsOf(levels, percentile("ttft_ms", "p99")) },
    ],
    [levels],
  );
  return (
    <section aria-label={t("chart.title")}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("chart.title")}
        </Title>
        <Button
          size="compact-xs"
          variant="default"
          aria-pressed={asTable}
          leftSection={<Icon name={asTable ? "chart" : "table"} />}
          onClick={onToggle}
        >
          {asTable ? t("chart.asChart") : t("chart.asTable")}
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
        <LevelChart
          title={t("chart.throughput")}
          summary={useSummary(throughput[0], openLoop, (v) => formatRate(v, "tok/s"))}
          lines={throughput}
          loadLabel={loadLabel}
          unit="tok/s"
          asTable={asTable}
        />
        <LevelChart
          title={t("chart.ttft")}
          summary={useSummary(ttft[1], openLoop, formatMs)}
          lines={ttft}
          loadLabel={loadLabel}
          unit="ms"
          asTable={asTable}
        />
      </SimpleGrid>
    </section>
  );
}

// The first and the last point that have a figure, in words.
function useSummary(line: Line | undefined, openLoop: boolean, format: (v: number | null) => string): string {
  const { t } = useTranslation();
  const known = line?.points.filter((p) => p.mid !== null) ?? [];
  const first = known[0];
  const last = known[known.length - 1];
  if (!line || !first || !last) return t("chart.noFigures");
  const unit = openLoop ? " req/s" : "";
  if (first === last) {
    return t("chart.onePoint", { label: line.label, load: `${first.load}${unit}`, value: format(first.mid) });
  }
  return t("chart.fromTo", {
    label: line.label,
    from: format(first.mid),
    to: format(last.mid),
    first: `${first.load}${unit}`,
    last: `${last.load}${unit}`,
  });
}
