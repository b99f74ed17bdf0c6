import { Alert, Anchor, List } from "@mantine/core";
import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Icon } from "@/components/icon";
import type { FieldName, FormValues } from "@/features/new-test/form";
import { useFaultText } from "@/features/new-test/use-fault-text";

/** Every field that is not right yet, each a link to it. */
export function FaultList({ fields }: { fields: FieldName[] }) {
  const { t } = useTranslation();
  const { setFocus, formState } = useFormContext<FormValues>();
  const text = useFaultText();
  const open = fields.filter((name) => formState.errors[name]);
  if (open.length === 0) return null;
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<Icon name="warning" size={20} />}
      title={t("form.faults", { count: open.length })}
    >
      <List size="sm">
        {open.map((name) => (
          <List.Item key={name}>
            <Anchor component="button" type="button" size="sm" onClick={() => setFocus(name)}>
              {t(`form.field.${name}`)}
            </Anchor>
            {": "}
            {text(name)}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
