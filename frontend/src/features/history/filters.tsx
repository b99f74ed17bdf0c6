import { Button, Group, Menu, SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { State } from "@/api/types.gen";
import { Icon } from "@/components/icon";
import { isFiltered } from "@/features/history/search";
import type { HistorySearch } from "@/features/history/search";
import { without } from "@/lib/search";
import { STATES } from "@/lib/states";

interface Props {
  search: HistorySearch;
  onChange: (next: HistorySearch) => void;
}

/** What narrows the list. Every change goes into the address. */
export function Filters({ search, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" role="search" aria-label={t("history.filters")}>
      <SegmentedControl
        size="xs"
        aria-label={t("history.show.label")}
        value={search.show ?? "all"}
        data={[
          { value: "all", label: t("history.show.all") },
          { value: "archived", label: t("history.show.archived") },
          { value: "trash", label: t("history.show.trash") },
        ]}
        onChange={(show) => {
          const rest = without(search, "show");
          onChange(show === "archived" || show === "trash" ? { ...rest, show } : rest);
        }}
      />
      <StateFilter
        chosen={search.state ?? []}
        onChange={(state) => {
          const rest = without(search, "state");
          onChange(state.length > 0 ? { ...rest, state } : rest);
        }}
      />
      <WordFilter
        key={`model ${search.model ?? ""}`}
        label={t("history.model")}
        value={search.model}
        onChange={(model) => {
          const rest = without(search, "model");
          onChange(model ? { ...rest, model } : rest);
        }}
      />
      <WordFilter
        key={`engine ${search.engine ?? ""}`}
        label={t("history.engine")}
        value={search.engine}
        onChange={(engine) => {
          const rest = without(search, "engine");
          onChange(engine ? { ...rest, engine } : rest);
        }}
      />
      {isFiltered(search) && (
        <Button size="xs" variant="subtle" onClick={() => onChange({})}>
          {t("history.clear")}
        </Button>
      )}
    </Group>
  );
}

function StateFilter({ chosen, onChange }: { chosen: State[]; onChange: (s: State[]) => void }) {
  const { t } = useTranslation();
  return (
    <Menu closeOnItemClick={false} position="bottom-start">
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<Icon name="chevronDown" size={14} />}>
          {chosen.length === 0 ? t("history.anyState") : t("history.nStates", { count: chosen.length })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.CheckboxGroup
          value={chosen}
          onChange={(values) => onChange(STATES.filter((state) => values.includes(state)))}
        >
          {STATES.map((state) => (
            <Menu.CheckboxItem key={state} value={state}>
              {t(`state.${state}`)}
            </Menu.CheckboxItem>
          ))}
        </Menu.CheckboxGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

interface WordProps {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
}

// Applied on Enter or when the field is left, not while a word is half typed.
function WordFilter({ label, value, onChange }: WordProps) {
  const [text, setText] = useState(value ?? "");
  const apply = () => {
    if (text.trim() !== (value ?? "")) onChange(text.trim());
  };
  return (
    <TextInput
      size="xs"
      w={{ base: "100%", xs: 170 }}
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(e) => setText(e.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(e) => {
        if (e.key === "Enter" && !e.nativeEvent.isComposing) apply();
      }}
    />
  );
}
