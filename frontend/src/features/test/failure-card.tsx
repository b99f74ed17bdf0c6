import { Code, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
import type { Failure } from "@/api/types.gen";
import { CopyButton } from "@/components/copy-button";
import { inLanguage } from "@/lib/in-language";

/** Why it failed and what to do. */
export function FailureCard({ failure }: { failure: Failure }) {
  const { t, i18n } = useTranslation();
  const say = (text: Failure["title"]) => inLanguage(text, i18n.language);
  return (
    <Notice tone="bad" title={say(failure.title) || failure.class} role="region" label={t("failure.label")}>
      <Stack gap="xs">
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {failure.message}
        </Text>
        <Text size="sm">
          <b>{t("failure.advice")}</b> {say(failure.advice)}
        </Text>
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            {t("failure.stage")} {t(`stage.${failure.stage}`, { defaultValue: failure.stage })} ·{" "}
            <Code>{failure.class}</Code>
          </Text>
          <CopyButton
            text={`${failure.class} (${failure.stage}): ${failure.message}`}
            what={t("error.details")}
          />
        </Group>
      </Stack>
    </Notice>
  );
}
