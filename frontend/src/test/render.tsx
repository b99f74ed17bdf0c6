import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { theme } from "@/app/theme";

/** Draws something inside the theme and an empty cache, without motion. */
export function show(node: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrap = (inner: ReactNode) => (
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>{inner}</QueryClientProvider>
    </MantineProvider>
  );
  const shown = render(wrap(node));
  return { ...shown, again: (next: ReactNode) => shown.rerender(wrap(next)) };
}
