import { Box, Group, Progress as Bar, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Progress, Test } from "@/api/types.gen";
import { formatDuration, formatPercent } from "@/lib/format";

interface Props {
  test: Test;
  progress: Progress | undefined;
  /** The connection is lost: the figures are the last ones known. */
  stale: boolean;
}

// Below this share of the work the time left is not worth telling (percent).
const FEW = 8;

/** How far the test is, in a bar and in words. */
export function ProgressLine({ test, progress, stale }: Props) {
  const { t } = useTranslation();
  const percent = Math.min(100, Math.max(0, progress?.percent ?? 0));
  const left =
    progress && percent >= FEW && percent < 100
      ? (progress.elapsed_ms / percent) * (100 - percent)
      : undefined;
  return (
    <Box className="panel" p="sm" style={{ opacity: stale ? 0.55 : 1 }}>
      <Group justify="space-between" mb={6} gap="xs">
        <Text size="sm" fw={600}>
          <Phase test={test} progress={progress} />
        </Text>
        <Text size="sm">
          {progress && <b>{formatPercent(percent)}</b>}
          {left !== undefined && (
            <Text span size="sm" c="dimmed">
              {" · "}
              {t("progress.left", { time: formatDuration(Math.max(1000, Math.round(left / 1000) * 1000)) })}
            </Text>
          )}
        </Text>
      </Group>
      <Bar
        value={percent}
        animated

        aria-label={t("progress.label")}
        size="lg"
      />
    </Box>
  );
}

function Phase({ test, progress }: { test: Test; progress: Progress | undefined }) {
  const { t } = useTranslation();
  if (test.state === "cancelling") return <>{t("progress.cancelling")}</>;
  if (!progress) return <>{t(`state.${test.state}`)}</>;
  if (progress.phase === "preflight") {
    const check = progress.check;
    return (
      <>
        {t("phase.preflight")}
        {check && ` · ${t(`check.${check}`, { defaultValue: check })}`}
      </>
    );
  }
  if (progress.phase === "report") return <>{t("phase.report")}</>;
  const plan = test.plan;
  const level = plan?.levels[progress.level];
  const load = level?.concurrency ?? (level?.rate_per_s !== undefined ? `${level.rate_per_s} req/s` : "");
  return (
    <>
      {t(`phase.${progress.phase}`)} ·{" "}
      {t("progress.level", { n: progress.level + 1, of: plan?.levels.length ?? "?", load })} ·{" "}
      {t("progress.loop", { n: progress.loop + 1, of: plan?.loops ?? "?" })} · {progress.done}
      {progress.total > 0 && ` / ${progress.total}`} {t("unit.requests")}
    </>
  );
}
