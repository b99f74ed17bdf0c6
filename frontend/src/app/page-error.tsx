import { Box } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { ProblemAlert } from "@/components/problem";
import { toApiError } from "@/lib/errors";

/** What stands in place of a page that broke while it was drawn or loaded. */
export function PageError({ error }: ErrorComponentProps) {
  return (
    <Box p="md">
      <ProblemAlert error={toApiError(error)} onRetry={() => location.reload()} />
    </Box>
  );
}
