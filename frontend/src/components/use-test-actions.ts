import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TestSummary } from "@/api/types.gen";
import type { Question } from "@/components/confirm";
import { notifyDone, notifyError } from "@/components/notify";
import { useUser } from "@/components/use-session";
import { archive, cancel, remove, restore, untilAnswered } from "@/data/tests";
import { download } from "@/lib/download";
import { BASE } from "@/lib/http";
import { canDo, mayDo, titleOf } from "@/lib/states";
import type { Act } from "@/lib/states";

export interface TestActions {
  /** Why it cannot be done now; undefined when it can. */
  denied: (test: TestSummary, act: Act) => string | undefined;
  busy: (test: TestSummary, act: Act) => boolean;
  run: (test: TestSummary, act: Exclude<Act, "run">) => void;
  question: Question | undefined;
  closeQuestion: () => void;
}

/** What can be done with a test, with the questions asked first and the words said after. */
export function useTestActions(): TestActions {
  const { t } = useTranslation();
  const client = useQueryClient();
  const user = useUser();
  const [question, setQuestion] = useState<Question>();
  const [working, setWorking] = useState<string>();

  const perform = (test: TestSummary, act: Exclude<Act, "run">) => {
    setWorking(`${act} ${test.id}`);
    carryOut(test, act)
      .then((name) => notifyDone(t(`action.done.${act}`, { name: name ?? titleOf(test) })))
      .catch((error: unknown) => notifyError(error, t(`action.failed.${act}`, { name: titleOf(test) })))
      .finally(() => {
        setWorking(undefined);
        if (act !== "download") void untilAnswered(client, test);
      });
  };

  return {
    question,
    closeQuestion: () => setQuestion(undefined),
    busy: (test, act) => working === `${act} ${test.id}`,
    denied: (test, act) => {
      if (user && !mayDo(user, act)) return t("action.denied.role", { role: t(`role.${user.role}`) });
      return canDo(test, act) ? undefined : t("action.denied.state");
    },
    run: (test, act) => {
      if (act !== "cancel" && act !== "delete" && act !== "purge") {
        perform(test, act);
        return;
      }
      const name = titleOf(test);
      setQuestion({
        title: t(`action.ask.${act}.title`),
        text: t(`action.ask.${act}.text`, { name }),
        confirm: t(`action.${act}`),
        danger: true,
        ...(act === "purge" ? { typeName: name } : {}),
        onConfirm: () => perform(test, act),
      });
    },
  };
}

async function carryOut(test: TestSummary, act: Exclude<Act, "run">): Promise<string | undefined> {
  const { id } = test;
  switch (act) {
    case "download":
      return download(`${BASE}/tests/${id}/report.xlsx`, `result_${id}.xlsx`);
    case "archive":
      return void (await archive(id));
    case "restore":
      return void (await restore(id));
    case "cancel":
      return void (await cancel(id));
    case "delete":
    case "purge":
      return void (await remove(id, act === "purge"));
  }
}
