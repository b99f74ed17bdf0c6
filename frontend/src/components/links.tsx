import { ActionIcon, Anchor, Button } from "@mantine/core";
import type { ActionIconProps, AnchorProps, ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type With<P> = P & Omit<ComponentProps<"a">, keyof P>;

/** A link inside text. */
export const AnchorLink = createLink((props: With<AnchorProps>) => <Anchor {...props} />);

/** A link that looks like a button. */
export const ButtonLink = createLink((props: With<ButtonProps>) => <Button component="a" {...props} />);

/** A link that is only an icon; it needs an aria-label. */
export const IconLink = createLink((props: With<ActionIconProps>) => <ActionIcon component="a" {...props} />);
