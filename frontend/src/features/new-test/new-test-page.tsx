import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Spec, Test } from "@/api/types.gen";
import { ProblemAlert } from "@/components/problem";
import { testQuery } from "@/data/tests";
import { emptyForm, fromSpec, hidden, readDraft } from "@/features/new-test/form";
import type { FormValues } from "@/features/new-test/form";
import { TestForm } from "@/features/new-test/test-form";
import { toApiError } from "@/lib/errors";
import { forget, recall } from "@/lib/storage";
import { titleOf } from "@/lib/states";

const DRAFT = "draft.new-test";

/** Asks for a test: from nothing, from a draft, or as the copy of another. */
export function NewTestPage() {
  const { t } = useTranslation();
  const { from } = useSearch({ from: "/tests/new" });
  return (
    <Stack gap="sm">
      <Title order={1} size="h3">
        {t("nav.newTest")}
      </Title>
      {from ? <Copy key={from} id={from} /> : <Fresh />}
    </Stack>
  );
}

function Fresh() {
  const { t } = useTranslation();
  const [draft] = useState(() => readDraft(recall(DRAFT)));
  const [round, setRound] = useState(0);
  const restored = draft !== undefined && round === 0;
  return (
    <>
      {restored && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t("form.draftRestored")}
          </Text>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              forget(DRAFT);
              setRound(1);
            }}
          >
            {t("form.startOver")}
          </Button>
        </Group>
      )}
      <Start key={round} values={restored ? draft : emptyForm} kept={{}} keepDraft />
    </>
  );
}

function Copy({ id }: { id: string }) {
  const { t } = useTranslation();
  const test = useQuery({ ...testQuery(id), staleTime: Infinity, refetchInterval: false });
  if (test.isPending) return <Skeleton height={400} />;
  if (test.isError)
    return <ProblemAlert error={toApiError(test.error)} onRetry={() => void test.refetch()} />;
  const kept = hidden(test.data.spec);
  return (
    <>
      <Text size="sm" c="dimmed">
        {t("form.copyOf")}{" "}
        <Link to="/tests/$id" params={{ id }}>
          {titleOf(test.data)}
        </Link>
        {Object.keys(kept).length > 0 && ` · ${t("form.kept", { fields: Object.keys(kept).join(", ") })}`}
      </Text>
      <Start
        values={fromSpec(test.data.spec)}
        kept={{ ...kept, ...keptTarget(test.data.spec) }}
        keepDraft={false}
      />
    </>
  );
}

// Extra headers have no field in the form and are kept as they are.
function keptTarget(spec: Spec): Partial<Spec> {
  const headers = spec.target?.headers;
  return headers ? { target: { headers } } : {};
}

interface StartProps {
  values: FormValues;
  kept: Partial<Spec>;
  keepDraft: boolean;
}

function Start({ values, kept, keepDraft }: StartProps) {
  const navigate = useNavigate();
  const done = (test: Test) => {
    if (keepDraft) forget(DRAFT);
    void navigate({ to: "/tests/$id", params: { id: test.id } });
  };
  return <TestForm initial={values} kept={kept} draftKey={keepDraft ? DRAFT : undefined} onStarted={done} />;
}
