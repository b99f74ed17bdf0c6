import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export interface Question {
  title: string;
  /** What will happen, naming the thing it happens to. */
  text: string;
  confirm: string;
  danger?: boolean;
  /** For what cannot be undone: the reader types this name. */
  typeName?: string;
  onConfirm: () => void;
}

/** Asks once before something that matters. */
export function Confirm({ question, onClose }: { question: Question | undefined; onClose: () => void }) {
  return (
    <Modal opened={question !== undefined} onClose={onClose} title={question?.title} centered>
      {question && <Body question={question} onClose={onClose} />}
    </Modal>
  );
}

function Body({ question, onClose }: { question: Question; onClose: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const blocked = question.typeName !== undefined && typed.trim() !== question.typeName;
  const go = () => {
    if (blocked) return;
    onClose();
    question.onConfirm();
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        go();
      }}
    >
      <Stack>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {question.text}
        </Text>
        {question.typeName !== undefined && (
          <TextInput
            label={t("confirm.type", { name: question.typeName })}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button
            type="submit"
            disabled={blocked}
            {...(question.danger ? { color: "red" } : {})}
            {...(question.typeName === undefined ? { "data-autofocus": true } : {})}
          >
            {question.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
