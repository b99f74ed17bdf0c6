import { Anchor, List } from "@mantine/core";
import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
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
    <Notice tone="bad" role="alert" icon="warning" title={t("form.faults", { count: open.length })}>
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
    </Notice>
  );
}
