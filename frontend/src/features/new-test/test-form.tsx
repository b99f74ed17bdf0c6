import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { FormProvider, useForm } from "react-hook-form";
import type { FieldErrors } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Spec, Test } from "@/api/types.gen";
import { Icon } from "@/components/icon";
import { ProblemAlert } from "@/components/problem";
import { useUser } from "@/components/use-session";
import { startTest, testsKey } from "@/data/tests";
import { FaultList } from "@/features/new-test/fault-list";
import { fieldOf, formSchema, toSpec } from "@/features/new-test/form";
import type { FieldName, FormValues } from "@/features/new-test/form";
import { FormFields } from "@/features/new-test/form-fields";
import classes from "@/features/new-test/new-test.module.css";
import { PlanPanel } from "@/features/new-test/plan-panel";
import { toApiError } from "@/lib/errors";
import type { ApiError, Fault } from "@/lib/errors";
import { mayDo } from "@/lib/states";
import { randomId } from "@/lib/random-id";
import { remember } from "@/lib/storage";

interface Props {
  initial: FormValues;
  /** Fields of the document that the form does not show. */
  kept: Partial<Spec>;
  draftKey: string | undefined;
  onStarted: (test: Test) => void;
}

/** The form of a test with its plan beside it. */
export function TestForm({ initial, kept, draftKey, onStarted }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const user = useUser();
  const form = useForm<FormValues>({
    resolver: zodResolver(formSchema),
    defaultValues: initial,
    mode: "onBlur",
    reValidateMode: "onChange",
    shouldFocusError: true,
  });
  const [refusal, setRefusal] = useState<ApiError>();
  const [listed, setListed] = useState<FieldName[]>([]);
  const attempt = useRef<{ key: string; body: string } | undefined>(undefined);
  useDraft(form, draftKey);

  const goTo = (fault: Fault) => {
    const field = fieldOf(fault.pointer);
    if (field) form.setFocus(field);
  };

  const start = async (values: FormValues) => {
    setRefusal(undefined);
    setListed([]);
    const spec = toSpec(values, kept);
    const body = JSON.stringify(spec);
    // The same document asked for again after a broken connection is the same test.
    if (attempt.current?.body !== body) attempt.current = { key: randomId(), body };
    try {
      const test = await startTest(spec, attempt.current.key);
      attempt.current = undefined;
      void client.invalidateQueries({ queryKey: testsKey });
      onStarted(test);
    } catch (error) {
      const e = toApiError(error);
      setRefusal(e);
      const faults = e.faults.map((f) => ({ fault: f, field: fieldOf(f.pointer) }));
      for (const { fault, field } of faults) {
        if (field)
          form.setError(field, {
            type: "server",
            message: [fault.detail, fault.fix].filter(Boolean).join(" · "),
          });
      }
      const first = faults.find((f) => f.field)?.field;
      if (first) form.setFocus(first);
    }
  };

  const refuse = (errors: FieldErrors<FormValues>) => {
    setRefusal(undefined);
    setListed(fieldsOf(errors));
  };

  const denied =
    user && !mayDo(user, "run") ? t("action.denied.role", { role: t(`role.${user.role}`) }) : undefined;
  return (
    <FormProvider {...form}>
      <form
        noValidate
        className={classes.layout}
        aria-label={t("nav.newTest")}
        onKeyDown={holdEnterWhileComposing}
        onSubmit={(e) => void form.handleSubmit(start, refuse)(e)}
      >
        <Stack gap="md" className={classes.fields}>
          {refusal && <ProblemAlert error={refusal} onFault={goTo} />}
          {listed.length > 0 && !refusal && <FaultList fields={listed} />}
          <FormFields />
          <Group>
            <Button
              type="submit"
              size="md"
              leftSection={<Icon name="play" size={18} />}
              loading={form.formState.isSubmitting}
              disabled={denied !== undefined}
            >
              {t("form.start")}
            </Button>
            {denied && (
              <Text size="sm" c="dimmed">
                {denied}
              </Text>
            )}
          </Group>
        </Stack>
        <PlanPanel kept={kept} onFault={goTo} />
      </form>
    </FormProvider>
  );
}

function fieldsOf(errors: FieldErrors<FormValues>): FieldName[] {
  const order = Object.keys(formSchema.shape);
  return formSchema
    .keyof()
    .options.filter((name) => errors[name])
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

// Enter ends a word in an input method; it must not start a test.
function holdEnterWhileComposing(e: KeyboardEvent) {
  if (e.key === "Enter" && (e.nativeEvent.isComposing || e.keyCode === 229)) e.preventDefault();
}

function useDraft(form: ReturnType<typeof useForm<FormValues>>, key: string | undefined) {
  const save = useDebouncedCallback((values: unknown) => {
    if (key) remember(key, JSON.stringify(values));
  }, 300);
  useEffect(() => {
    if (!key) return undefined;
    const { unsubscribe } = form.watch((values) => save(values));
    return unsubscribe;
  }, [form, key, save]);
}
