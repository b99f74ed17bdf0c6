import { Skeleton, Stack, Tabs, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Test } from "@/api/types.gen";
import { Confirm } from "@/components/confirm";
import { Late } from "@/components/late";
import { ProblemAlert } from "@/components/problem";
import { useTestActions } from "@/components/use-test-actions";
import { testQuery } from "@/data/tests";
import { Checks } from "@/features/test/checks";
import { Events } from "@/features/test/events";
import { Files } from "@/features/test/files";
import { Parameters } from "@/features/test/parameters";
import { Result } from "@/features/test/result";
import { TABS } from "@/features/test/search";
import type { Tab } from "@/features/test/search";
import { TestHeader } from "@/features/test/test-header";
import { useLive } from "@/features/test/use-live";
import { toApiError } from "@/lib/errors";
import { without } from "@/lib/search";

/** Everything about one test, live while it runs. */
export function TestPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/tests/$id" });
  const test = useQuery(testQuery(id));
  if (test.data) return <Loaded key={id} test={test.data} />;
  if (test.isError) {
    return (
      <Stack gap="sm">
        <Title order={1} size="h3">
          {t("nav.tests")}
        </Title>
        <ProblemAlert error={toApiError(test.error)} onRetry={() => void test.refetch()} />
      </Stack>
    );
  }
  return (
    <Late>
      <Stack aria-hidden="true">
        <Skeleton height={84} />
        <Skeleton height={36} width={420} />
        <Skeleton height={320} />
      </Stack>
    </Late>
  );
}

function Loaded({ test }: { test: Test }) {
  const { t } = useTranslation();
  const search = useSearch({ from: "/tests/$id" });
  const navigate = useNavigate({ from: "/tests/$id" });
  const live = useLive(test);
  const actions = useTestActions();
  const tab = search.tab ?? "result";
  const look = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <Stack gap="sm">
      <TestHeader test={test} live={live} actions={actions} />
      <Tabs
        value={tab}
        onChange={(value) => {
          const next = TABS.find((name) => name === value);
          void navigate({
            search: (before) => {
              const rest = without(before, "tab");
              return next && next !== "result" ? { ...rest, tab: next } : rest;
            },
          });
        }}
        keepMounted={false}
      >
        <Tabs.List mb="sm" style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
              {countOf(test, name)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="result">
          <Result test={test} asTable={search.charts === "table"} onTable={(on) => setTable(on)} />
        </Tabs.Panel>
        <Tabs.Panel value="checks">
          <Checks test={test} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <Events id={test.id} />
        </Tabs.Panel>
        <Tabs.Panel value="files">
          <Files test={test} />
        </Tabs.Panel>
        <Tabs.Panel value="parameters">
          <Parameters spec={test.spec} asJson={search.as === "json"} onJson={(on) => setJson(on)} />
        </Tabs.Panel>
      </Tabs>
      <Confirm question={actions.question} onClose={actions.closeQuestion} />
    </Stack>
  );

  function setTable(on: boolean) {
    if (on) look({ charts: "table" });
    else void navigate({ search: (before) => without(before, "charts"), replace: true });
  }

  function setJson(on: boolean) {
    if (on) look({ as: "json" });
    else void navigate({ search: (before) => without(before, "as"), replace: true });
  }
}

function countOf(test: Test, tab: Tab): string {
  const n = tab === "checks" ? test.checks.length : tab === "files" ? test.artifacts.length : 0;
  return n > 0 ? ` ${n}` : "";
}
