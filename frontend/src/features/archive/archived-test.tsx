import { Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ButtonLink } from "@/components/links";
import { ActionButton } from "@/components/action-button";
import { PlaceBadge, StateBadge, VerdictBadge } from "@/components/badges";
import { Confirm } from "@/components/confirm";
import { CopyButton } from "@/components/copy-button";
import { ProblemAlert } from "@/components/problem";
import { useTestActions } from "@/components/use-test-actions";
import { testQuery } from "@/data/tests";
import { toApiError } from "@/lib/errors";
import { formatBytes, formatTime } from "@/lib/format";
import { titleOf } from "@/lib/states";

interface Props {
  id: string;
  path: string;
}

/** One archived test: what it was, what is kept, what can be done. */
export function ArchivedTest({ id, path }: Props) {
  const { t } = useTranslation();
  const actions = useTestActions();
  const test = useQuery(testQuery(id));
  if (test.isPending) return <Skeleton height={180} />;
  if (test.isError)
    return <ProblemAlert error={toApiError(test.error)} onRetry={() => void test.refetch()} />;
  const it = test.data;
  return (
    <Stack component="section" className="panel" p="md" gap="sm" aria-label={titleOf(it)}>
      <Group gap="xs">
        <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
          {titleOf(it)}
        </Title>
        <StateBadge state={it.state} size="sm" />
        <VerdictBadge verdict={it.verdict} size="sm" />
        <PlaceBadge test={it} />
      </Group>
      <Text size="sm" c="dimmed">
        {it.model} · {it.engine} · {it.input_length} → {it.output_length} {t("unit.tokens")} ·{" "}
        {formatTime(it.created_at)} · {it.created_by}
      </Text>
      <Group gap={4} wrap="nowrap">
        <Text size="sm" className="mono" style={{ overflowWrap: "anywhere" }}>
          {path}
        </Text>
        <CopyButton text={path} what={t("file.path")} />
      </Group>
      <Text size="sm">
        {t("archive.files", {
          count: it.artifacts.length,
          size: formatBytes(it.artifacts.reduce((sum, a) => sum + a.size_bytes, 0)),
        })}
      </Text>
      <Group gap="xs">
        <ButtonLink to="/tests/$id" params={{ id }} size="xs">
          {t("archive.open")}
        </ButtonLink>
        <ActionButton test={it} act="download" actions={actions} />
        <ActionButton test={it} act="restore" actions={actions} />
      </Group>
      <Confirm question={actions.question} onClose={actions.closeQuestion} />
    </Stack>
  );
}
