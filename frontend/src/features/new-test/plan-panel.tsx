import { Code, Group, ScrollArea, Stack, Table, Tabs, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
import type { DryRun, Spec } from "@/api/types.gen";
import { CopyButton } from "@/components/copy-button";
import { ProblemAlert } from "@/components/problem";
import { dryRunQuery } from "@/data/tests";
import { formSchema, toSpec } from "@/features/new-test/form";
import type { FormValues } from "@/features/new-test/form";
import classes from "@/features/new-test/new-test.module.css";
import { curlOf } from "@/features/new-test/curl";
import { toApiError } from "@/lib/errors";
import type { Fault } from "@/lib/errors";
import { formatCount, formatFigure } from "@/lib/format";
import { toYaml } from "@/lib/yaml";

interface Props {
  kept: Partial<Spec>;
  onFault: (fault: Fault) => void;
}

/** What would be done, worked out by the server while one types. */
export function PlanPanel({ kept, onFault }: Props) {
  const { t, i18n } = useTranslation();
  const values = useWatch<FormValues>();
  const [typed] = useDebouncedValue(values, 400);
  const spec = useMemo(() => {
    const checked = formSchema.safeParse(typed);
    return checked.success ? toSpec(checked.data, kept) : undefined;
  }, [typed, kept]);
  const plan = useQuery(dryRunQuery(spec, i18n.language));

  return (
    <section className={`panel ${classes.plan ?? ""}`} aria-label={t("plan.title")}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("plan.title")}
        </Title>
        <Text size="xs" c="dimmed" aria-live="polite">
          {spec && plan.isFetching ? t("plan.checking") : ""}
        </Text>
      </Group>
      {!spec ? (
        <Text size="sm" c="dimmed">
          {t("plan.incomplete")}
        </Text>
      ) : plan.isError ? (
        <ProblemAlert error={toApiError(plan.error)} onFault={onFault} onRetry={() => void plan.refetch()} />
      ) : plan.data ? (
        <Body found={plan.data} spec={spec} />
      ) : null}
    </section>
  );
}

function Body({ found, spec }: { found: DryRun; spec: Spec }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      {found.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <Tabs defaultValue="plan" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="plan">{t("plan.levels")}</Tabs.Tab>
          <Tabs.Tab value="evalscope">evalscope</Tabs.Tab>
          <Tabs.Tab value="yaml">YAML</Tabs.Tab>
          <Tabs.Tab value="curl">curl</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="plan" pt="xs">
          <Levels found={found} />
        </Tabs.Panel>
        <Tabs.Panel value="evalscope" pt="xs">
          <Words text={found.command} what={t("plan.command")} note={t("plan.commandNote")} />
        </Tabs.Panel>
        <Tabs.Panel value="yaml" pt="xs">
          <Words text={toYaml(spec)} what="YAML" />
        </Tabs.Panel>
        <Tabs.Panel value="curl" pt="xs">
          <Words text={curlOf(location.origin, spec)} what="curl" note={t("plan.curlNote")} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Levels({ found }: { found: DryRun }) {
  const { t } = useTranslation();
  const { levels, loops } = found.plan;
  return (
    <Stack gap="xs">
      <Text size="sm">
        {t("plan.nLevels", { count: levels.length })} × {t("plan.nLoops", { count: loops })} ={" "}
        {t("plan.nRuns", { count: levels.length * loops })}
        {found.requests > 0 && (
          <>
            {" · "}
            <b>{t("plan.nRequests", { count: found.requests })}</b>
          </>
        )}
      </Text>
      <Table.ScrollContainer minWidth={280} mah={320}>
        <Table verticalSpacing={3} horizontalSpacing="xs" fz="xs" ta="right">
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="left">{t("plan.level")}</Table.Th>
              <Table.Th ta="right">{t("plan.load")}</Table.Th>
              <Table.Th ta="right">{t("plan.perLoop")}</Table.Th>
              <Table.Th ta="right">{t("plan.warmup")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {levels.map((level) => (
              <Table.Tr key={level.index}>
                <Table.Td ta="left">{level.index + 1}</Table.Td>
                <Table.Td>{level.concurrency ?? `${formatFigure(level.rate_per_s)} req/s`}</Table.Td>
                <Table.Td>{level.requests ? formatCount(level.requests) : (level.duration ?? "—")}</Table.Td>
                <Table.Td>{formatCount(level.warmup ?? 0)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Words({ text, what, note }: { text: string; what: string; note?: string }) {
  return (
    <Stack gap="xs">
      <ScrollArea.Autosize mah={360}>
        <Code block className={classes.code ?? ""}>
          {text}
        </Code>
      </ScrollArea.Autosize>
      <Group gap="xs">
        <CopyButton text={text} what={what} withLabel />
      </Group>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Stack>
  );
}
