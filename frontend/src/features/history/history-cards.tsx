import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AnchorLink } from "@/components/links";
import type { TestSummary } from "@/api/types.gen";
import { PlaceBadge, StateBadge, VerdictBadge } from "@/components/badges";
import type { TestActions } from "@/components/use-test-actions";
import { useNow } from "@/components/use-now";
import { durationOf } from "@/features/history/columns";
import classes from "@/features/history/history.module.css";
import { RowActions } from "@/features/history/row-actions";
import { formatDuration, formatElapsed, formatTime } from "@/lib/format";
import { isFinal, titleOf } from "@/lib/states";

interface Props {
  tests: TestSummary[];
  actions: TestActions;
}

/** The history on a narrow screen. */
export function HistoryCards({ tests, actions }: Props) {
  const { t } = useTranslation();
  const now = useNow(tests.some((test) => !isFinal(test.state)));
  return (
    <ul className={classes.cards} aria-label={t("nav.tests")}>
      {tests.map((test) => (
        <li key={test.id} className={`panel ${classes.card ?? ""}`}>
          <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
            <AnchorLink to="/tests/$id" params={{ id: test.id }} fw={600} className={classes.link ?? ""}>
              {titleOf(test)}
            </AnchorLink>
            <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
              {formatTime(test.created_at, false)}
            </Text>
          </Group>
          <Text size="xs" c="dimmed" mt={2}>
            {test.name ? `${test.model} · ` : ""}
            {test.engine} · {test.input_length} → {test.output_length} · {t("history.load")}{" "}
            {test.concurrency}
            {test.loop > 1 ? ` × ${test.loop}` : ""} ·{" "}
            {(isFinal(test.state) ? formatDuration : formatElapsed)(durationOf(test, now))}
          </Text>
          <Group justify="space-between" mt={6} gap={4}>
            <Group gap={4}>
              <StateBadge state={test.state} size="sm" />
              <VerdictBadge verdict={test.verdict} size="sm" />
              <PlaceBadge test={test} />
            </Group>
            <RowActions test={test} actions={actions} />
          </Group>
        </li>
      ))}
    </ul>
  );
}
