/** The two languages of the pages. A dictionary is loaded when it is needed. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "@/locales/en.json";
import { speak } from "@/lib/http";
import { recall, remember } from "@/lib/storage";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** The remembered language, else the first one of the browser that is spoken here. */
export function pickLanguage(remembered: string | null, browser: readonly string[]): Language {
  const asked = remembered ? [remembered, ...browser] : browser;
  for (const tag of asked) {
    if (/^zh\b/i.test(tag)) return "zh-CN";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const words = language === "en" ? await import("@/locales/en.json") : await import("@/locales/zh.json");
  i18next.addResourceBundle(language, "translation", words.default);
}

function apply(language: Language): void {
  document.documentElement.lang = language;
  speak(language === "zh-CN" ? "zh" : "en");
}

/** Starts with the right language; resolves when its words are there. */
export async function startI18n(): Promise<void> {
  const language = pickLanguage(recall("language"), navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: {},
    fallbackLng: false,
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
    returnNull: false,
  });
  await load(language);
  apply(language);
  await i18next.changeLanguage(language);
}

/** Switches at once, without a reload, and remembers. */
export async function changeLanguage(language: Language): Promise<void> {
  await load(language);
  apply(language);
  remember("language", language);
  await i18next.changeLanguage(language);
}
