import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
import type { Check, Test } from "@/api/types.gen";
import { Empty } from "@/components/empty";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";
import classes from "@/features/test/checks.module.css";
import { formatDuration } from "@/lib/format";
import { inLanguage } from "@/lib/in-language";

const looks: Record<Check["status"], { icon: IconName; color: string }> = {
  ok: { icon: "circleCheck", color: "var(--ok)" },
  warning: { icon: "warning", color: "var(--warn)" },
  failed: { icon: "circleX", color: "var(--bad)" },
  skipped: { icon: "minus", color: "var(--idle)" },
};

/** What was looked at before the load began, each with its result. */
export function Checks({ test }: { test: Test }) {
  const { t } = useTranslation();
  if (test.checks.length === 0) return <Empty icon="search" title={t("check.none")} />;
  return (
    <Stack gap="sm">
      {test.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <ul className={`panel ${classes.list ?? ""}`} aria-label={t("tab.checks")}>
        {test.checks.map((check) => (
          <Line key={check.name} check={check} />
        ))}
      </ul>
    </Stack>
  );
}

function Line({ check }: { check: Check }) {
  const { t, i18n } = useTranslation();
  const { icon, color } = looks[check.status];
  const advice = check.advice && inLanguage(check.advice, i18n.language);
  return (
    <li className={classes.line}>
      <Icon name={icon} size={18} color={color} />
      <span className={classes.name}>
        <b>{t(`check.${check.name}`, { defaultValue: check.name })}</b>
        <Text span size="xs" style={{ color }}>
          {t(`checkStatus.${check.status}`)}
        </Text>
      </span>
      <span className={classes.detail}>
        {check.detail}
        {advice && (
          <Text size="xs" c="dimmed">
            {advice}
          </Text>
        )}
      </span>
      <Text span size="xs" c="dimmed" className={classes.time}>
        {check.status === "skipped" ? "" : formatDuration(check.duration_ms)}
      </Text>
    </li>
  );
}
