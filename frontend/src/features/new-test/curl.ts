import type { Spec } from "@/api/types.gen";

/** The call that asks for the same test from a shell; the access token is a variable of that shell. */
export function curlOf(origin: string, spec: Spec): string {
  const body = JSON.stringify(spec, null, 2).replaceAll("'", `'\\''`);
  return [
    `curl -sS ${origin}/api/v1/tests/run \\`,
    `  -H "Authorization: Bearer $PLIMSOLL_TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join("\n");
}
