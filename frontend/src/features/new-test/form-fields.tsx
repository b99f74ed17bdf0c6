import { Fieldset, SimpleGrid, Stack } from "@mantine/core";
import { useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Choice, Flag, Words } from "@/features/new-test/fields";
import type { FormValues } from "@/features/new-test/form";

/** The fields in four groups: whom to ask, what to ask, how hard, and what then. */
export function FormFields() {
  const { t } = useTranslation();
  return (
    <>
      <Fieldset legend={t("form.group.target")}>
        <Target />
      </Fieldset>
      <Fieldset legend={t("form.group.workload")}>
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Words
              name="inputLength"
              hint={t("form.hint.length")}
              inputMode="text"
              suffix={t("unit.tokens")}
            />
            <Words name="outputLength" hint={t("form.hint.outputLength")} suffix={t("unit.tokens")} />
          </SimpleGrid>
          <Flag name="stream" hint={t("form.hint.stream")} />
        </Stack>
      </Fieldset>
      <Fieldset legend={t("form.group.load")}>
        <Load />
      </Fieldset>
      <Fieldset legend={t("form.group.after")}>
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Words name="name" hint={t("form.hint.name")} />
            <Words name="retries" hint={t("form.hint.retries")} inputMode="numeric" />
          </SimpleGrid>
          <Choice
            name="archive"
            options={[
              { value: "never", label: t("archivePolicy.never") },
              { value: "on_success", label: t("archivePolicy.on_success") },
              { value: "always", label: t("archivePolicy.always") },
            ]}
          />
        </Stack>
      </Fieldset>
    </>
  );
}

function Target() {
  const { t } = useTranslation();
  const mode = useWatch<FormValues, "mode">({ name: "mode" });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Words name="model" required hint={t("form.hint.model")} placeholder="qwen2.5-7b-instruct" />
        <Words name="engine" hint={t("form.hint.engine")} placeholder="vllm" list={ENGINES} />
      </SimpleGrid>
      <Choice
        name="mode"
        hint={mode === "simulated" ? t("form.hint.simulated") : t("form.hint.mode")}
        options={[
          { value: "local", label: t("mode.local") },
          { value: "simulated", label: t("mode.simulated") },
          { value: "remote", label: t("form.later", { what: t("mode.remote") }), disabled: true },
        ]}
      />
      <Words
        name="url"
        required={mode !== "simulated"}
        hint={mode === "simulated" ? t("form.hint.urlSimulated") : t("form.hint.url")}
        placeholder="http://10.0.0.5:8000/v1"
        inputMode="url"
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Choice
          name="api"
          options={[
            { value: "chat", label: "chat" },
            { value: "completions", label: "completions" },
          ]}
        />
        <Choice
          name="generator"
          options={[
            { value: "evalscope", label: "evalscope" },
            { value: "native", label: t("form.later", { what: "native" }), disabled: true },
          ]}
        />
        <Words name="credential" hint={t("form.hint.credential")} />
        <Flag name="tlsVerify" hint={t("form.hint.tlsVerify")} />
      </SimpleGrid>
    </Stack>
  );
}

const ENGINES = ["vllm", "sglang", "tensorrt-llm", "mindie", "lmdeploy", "llama.cpp", "ollama", "tgi"];

function Load() {
  const { t } = useTranslation();
  const load = useWatch<FormValues, "load">({ name: "load" });
  const limit = useWatch<FormValues, "limit">({ name: "limit" });
  const warmup = useWatch<FormValues, "warmup">({ name: "warmup" });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Choice
          name="load"
          options={[
            { value: "concurrency", label: t("form.load.concurrency") },
            { value: "rate", label: t("form.load.rate") },
          ]}
        />
        {load === "concurrency" ? (
          <Words name="concurrency" required hint={t("form.hint.concurrency")} placeholder="1, 8, 64" />
        ) : (
          <Words name="rate" required hint={t("form.hint.rate")} inputMode="decimal" suffix="req/s" />
        )}
        <Choice
          name="limit"
          options={[
            { value: "requests", label: t("form.limit.requests") },
            { value: "duration", label: t("form.limit.duration") },
          ]}
        />
        {limit === "requests" ? (
          <Words
            name="requests"
            hint={t("form.hint.requests")}
            placeholder={t("form.automatic")}
            inputMode="numeric"
          />
        ) : (
          <Words name="duration" required hint={t("form.hint.duration")} placeholder="60s" />
        )}
        <Words name="loop" hint={t("form.hint.loop")} inputMode="numeric" />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Flag name="warmup" hint={t("form.hint.warmup")} />
        {warmup && (
          <Words
            name="warmupRequests"
            hint={t("form.hint.warmupRequests")}
            placeholder={t("form.automatic")}
            inputMode="numeric"
          />
        )}
      </SimpleGrid>
    </Stack>
  );
}
