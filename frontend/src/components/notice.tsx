import { Alert } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";
import { toneOf } from "@/components/tone";
import type { Tone } from "@/components/tone";

const icons: Record<Tone, IconName> = {
  ok: "circleCheck",
  warn: "warning",
  bad: "circleX",
  busy: "info",
  idle: "info",
};

interface Props {
  tone: Tone;
  title?: string;
  icon?: IconName;
  role?: "alert" | "status" | "region";
  label?: string;
  children?: ReactNode;
}

/** A box that must not be missed; without a title it is only as high as its line. */
export function Notice({ tone, title, icon, role, label, children }: Props) {
  return (
    <Alert
      p={title ? "sm" : "xs"}
      icon={<Icon name={icon ?? icons[tone]} size={title ? 20 : 16} />}
      title={title}
      {...(role ? { role } : {})}
      {...(label ? { "aria-label": label } : {})}
      style={{
        ...toneOf(tone),
        "--alert-bg": "color-mix(in srgb, var(--tone) 8%, var(--surface))",
        "--alert-color": "var(--tone)",
        "--alert-bd": "1px solid color-mix(in srgb, var(--tone) 45%, transparent)",
      }}
    >
      {children}
    </Alert>
  );
}
