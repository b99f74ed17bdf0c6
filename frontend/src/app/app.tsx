import "@/app/mantine.css";
import "@/app/styles.css";
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createAppRouter } from "@/app/router";
import { theme } from "@/app/theme";
import { Toasts } from "@/components/toasts";
import { toApiError } from "@/lib/errors";

const colorScheme = localStorageColorSchemeManager({ key: "plimsoll.theme" });

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What the server refused it will refuse again; what was not reached is tried twice more.
      retry: (failures, error) => {
        const e = toApiError(error);
        return failures < 2 && (e.status === 0 || e.status >= 500) && e.code !== "unexpected";
      },
    },
  },
});

const router = createAppRouter();

/** The whole page: theme, data, places. */
export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={colorScheme}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}
