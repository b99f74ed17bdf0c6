import { Input, SegmentedControl, Switch, Text, TextInput } from "@mantine/core";
import { useId } from "react";
import { Controller, useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { FieldName, FormValues } from "@/features/new-test/form";
import { useFaultText } from "@/features/new-test/use-fault-text";

type Of<T> = {
  [K in FieldName]: FormValues[K] extends T ? (T extends FormValues[K] ? K : never) : never;
}[FieldName];
type TextField = Of<string>;
type FlagField = Of<boolean>;
type ChoiceField = Exclude<FieldName, TextField | FlagField>;

interface WordsProps {
  name: TextField;
  hint?: string;
  placeholder?: string;
  required?: boolean;
  suffix?: string;
  inputMode?: "text" | "numeric" | "decimal" | "url";
  /** Words to choose from; others may be typed. */
  list?: readonly string[];
}

/** A field that is typed. */
export function Words({ name, hint, required = false, suffix, list, ...rest }: WordsProps) {
  const { t } = useTranslation();
  const { register } = useFormContext<FormValues>();
  const fault = useFaultText()(name);
  const id = useId();
  return (
    <>
      <TextInput
        label={t(`form.field.${name}`)}
        description={hint}
        inputWrapperOrder={["label", "input", "error", "description"]}
        error={fault}
        required={required}
        autoComplete="off"
        spellCheck={false}
        {...rest}
        {...(list ? { list: id } : {})}
        {...(suffix
          ? {
              rightSection: (
                <Text size="xs" c="dimmed">
                  {suffix}
                </Text>
              ),
              rightSectionWidth: 64,
              rightSectionPointerEvents: "none" as const,
            }
          : {})}
        {...register(name)}
      />
      {list && (
        <datalist id={id}>
          {list.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </>
  );
}

interface ChoiceProps {
  name: ChoiceField;
  hint?: string;
  options: { value: string; label: string; disabled?: boolean }[];
}

/** One of a few. */
export function Choice({ name, hint, options }: ChoiceProps) {
  const { t } = useTranslation();
  const { control } = useFormContext<FormValues>();
  const fault = useFaultText()(name);
  const label = t(`form.field.${name}`);
  return (
    <Controller
      name={name}
      control={control}
      render={({ field }) => (
        <Input.Wrapper
          label={label}
          labelElement="div"
          description={hint}
          error={fault}
          inputWrapperOrder={["label", "input", "error", "description"]}
        >
          <SegmentedControl
            fullWidth
            aria-label={label}
            data={options}
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            ref={(node) => field.ref(node?.querySelector("input:checked"))}
          />
        </Input.Wrapper>
      )}
    />
  );
}

interface FlagProps {
  name: FlagField;
  hint?: string;
}

/** Yes or no. */
export function Flag({ name, hint }: FlagProps) {
  const { t } = useTranslation();
  const { control } = useFormContext<FormValues>();
  const fault = useFaultText()(name);
  return (
    <Controller
      name={name}
      control={control}
      render={({ field }) => (
        <Switch
          label={t(`form.field.${name}`)}
          description={hint}
          error={fault}
          mt={4}
          checked={field.value}
          onChange={(e) => field.onChange(e.currentTarget.checked)}
          onBlur={field.onBlur}
          ref={field.ref}
        />
      )}
    />
  );
}
