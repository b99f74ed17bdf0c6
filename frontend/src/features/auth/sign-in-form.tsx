import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "@/components/problem";
import { toApiError } from "@/lib/errors";
import type { ApiError } from "@/lib/errors";

interface Props {
  /** Name and password, and why it was refused when it throws. */
  onSubmit: (name: string, password: string) => Promise<void>;
  submitLabel: string;
  /** The name that may not be changed, when it is known. */
  fixedName?: string;
  /** For a new account: the password is typed twice and has a least length. */
  creating?: boolean;
}

export const MIN_PASSWORD = 10;

/** Name and password. */
export function SignInForm({ onSubmit, submitLabel, fixedName, creating = false }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(fixedName ?? "");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  const faults = {
    name: name.trim() === "" ? t("auth.fault.name") : undefined,
    password:
      creating && password.length < MIN_PASSWORD ? t("auth.fault.short", { n: MIN_PASSWORD }) : undefined,
    again: creating && again !== password ? t("auth.fault.again") : undefined,
  };

  const submit = () => {
    setTried(true);
    if (busy || faults.name || faults.password || faults.again) return;
    setBusy(true);
    setError(undefined);
    onSubmit(name.trim(), password)
      .catch((e: unknown) => setError(toApiError(e)))
      .finally(() => setBusy(false));
  };

  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        {error && <ProblemAlert error={error} />}
        <TextInput
          label={t("auth.name")}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          readOnly={fixedName !== undefined}
          error={tried && faults.name}
          required
          withAsterisk={false}
          autoFocus={fixedName === undefined}
        />
        <PasswordInput
          label={t("auth.password")}
          description={creating ? t("auth.passwordHint", { n: MIN_PASSWORD }) : undefined}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          autoComplete={creating ? "new-password" : "current-password"}
          error={tried && faults.password}
          required
          withAsterisk={false}
          autoFocus={fixedName !== undefined}
          data-autofocus={fixedName !== undefined || undefined}
          visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword") }}
        />
        {creating && (
          <PasswordInput
            label={t("auth.passwordAgain")}
            value={again}
            onChange={(e) => setAgain(e.currentTarget.value)}
            autoComplete="new-password"
            error={tried && faults.again}
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ "aria-label": t("auth.showPassword") }}
          />
        )}
        <Button type="submit" loading={busy} fullWidth mt="xs">
          {submitLabel}
        </Button>
      </Stack>
    </form>
  );
}
