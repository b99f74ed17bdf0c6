import type { Text } from "@/api/types.gen";

/** What the server says in both languages, in the one shown. */
export function inLanguage(text: Text, language: string): string {
  return language === "en" ? text.en : text.zh;
}
