/** The archive, one folder at a time. */
import { queryOptions } from "@tanstack/react-query";
import { archiveTree } from "@/api/sdk.gen";
import { answer } from "@/lib/http";

/** One folder: "" for the engines, engine for its models, engine/model for its tests. */
export const folderQuery = (path: string) =>
  queryOptions({
    queryKey: ["archive", path],
    queryFn: async ({ signal }) => (await answer(archiveTree({ query: { path }, signal }))).entries,
    staleTime: 10_000,
  });
