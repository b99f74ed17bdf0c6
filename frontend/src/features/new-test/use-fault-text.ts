import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { FieldName, FormValues } from "@/features/new-test/form";

/** What is wrong with a field, in words: the server's own, or those of the rule that was broken. */
export function useFaultText(): (name: FieldName) => string | undefined {
  const { t } = useTranslation();
  const { formState } = useFormContext<FormValues>();
  return (name) => {
    const error = formState.errors[name];
    if (!error?.message) return undefined;
    if (error.type === "server") return error.message;
    return t(`form.fault.${error.message}`, { defaultValue: error.message });
  };
}
