// A person in a browser: makes the first account, runs a test, sees it progress, downloads the workbook,
// archives it, and looks at it in both languages, both themes, on a desk and on a phone.
// node story.mjs BASE_URL BOOTSTRAP_TOKEN OUT_DIR
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const frontend = new URL("../../frontend/", import.meta.url);
const { chromium } = createRequire(new URL("package.json", frontend))("playwright-core");
const words = (lang) => JSON.parse(readFileSync(new URL(`src/locales/${lang}.json`, frontend), "utf8"));
const [base, token, out] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
let page;
try {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints = listen(page);
  const en = words("en");
  await register(page, en);
  const id = await run(page, en);
  await watch(page, en);
  await download(page, en);
  await archive(page, en);
  await look(context, page, id);
  if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
  console.log(`told the story of test ${id}`);
} catch (error) {
  await page?.screenshot({ path: join(out, "failure.png") }).catch((e) => console.log(`no picture: ${e}`));
  throw error;
} finally {
  await browser.close();
}

/** Collects what went wrong in the page itself. */
function listen(page) {
  const complaints = [];
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => {
    // Before the first sign-in the page asks for a session that is not there yet.
    if (m.type() === "error" && !m.text().includes("401")) complaints.push(m.text());
  });
  return complaints;
}

async function register(page, t) {
  await page.goto(`${base}/register?token=${encodeURIComponent(token)}`);
  await page.getByLabel(t.auth.name, { exact: true }).fill("captain");
  await page.getByLabel(t.auth.password, { exact: true }).fill("mark-on-the-hull-7");
  await page.getByLabel(t.auth.passwordAgain, { exact: true }).fill("mark-on-the-hull-7");
  await page.getByRole("button", { name: t.auth.createAccount }).click();
  await page.waitForURL("**/tests");
  if (page.url().includes(token)) throw new Error("the one-time token is still in the address");
}

/** Fills the form and starts a test of the simulated server; returns its id. */
async function run(page, t) {
  await page.getByRole("navigation").getByRole("link", { name: t.nav.newTest }).click();
  const form = page.getByRole("form", { name: t.nav.newTest });
  await form.getByLabel(t.form.field.model).fill("sim-llm");
  await form.getByLabel(t.form.field.engine).fill("llmsim");
  await page.getByText(t.mode.simulated, { exact: true }).click();
  await page.getByText(t.form.hint.simulated).waitFor();
  await form.getByLabel(t.form.field.inputLength).fill("64");
  await form.getByLabel(t.form.field.outputLength).fill("32");
  await form.getByLabel(t.form.field.concurrency).fill("1，4");
  await form.getByLabel(t.form.field.requests).fill("12");
  await form.getByLabel(t.form.field.loop, { exact: true }).fill("2");
  await page.getByText(/^48 /).first().waitFor(); // the plan: 2 levels × 2 loops × 12 requests
  await page.getByRole("button", { name: t.form.start, exact: true }).click();
  await page.waitForURL(/\/tests\/[0-9a-f-]{36}/);
  return page.url().match(/[0-9a-f-]{36}/)[0];
}

/** Sees the bar move and the test end well, without loading the page again. */
async function watch(page, t) {
  await page.getByRole("progressbar").first().waitFor();
  await page.waitForFunction(() => {
    const bar = document.querySelector('[role="progressbar"]');
    return bar && Number(bar.getAttribute("aria-valuenow")) > 0;
  }, undefined, { timeout: 60_000 });
  await page.screenshot({ path: join(out, "running.en.png") });
  await page.getByRole("button", { name: new RegExp(`^${t.action.download}`) }).first().waitFor({ timeout: 120_000 });
  const rows = await page.getByRole("region", { name: t.result.levels }).locator("tbody tr").count();
  if (rows < 4) throw new Error(`the table of levels has ${rows} rows, want at least 4`);
}

async function download(page, t) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: new RegExp(`^${t.action.download}`) }).first().click(),
  ]);
  await file.saveAs(join(out, file.suggestedFilename()));
}

async function archive(page, t) {
  await page.getByRole("button", { name: new RegExp(`^${t.action.archive}`) }).first().click();
  await page.getByRole("button", { name: new RegExp(`^${t.action.restore}`) }).first().waitFor();
  await page.getByRole("navigation").getByRole("link", { name: t.nav.archive }).click();
  await page.getByRole("treeitem", { name: /llmsim/ }).first().waitFor();
}

/** Looks at every page in both languages and themes, wide and narrow. */
async function look(context, page, id) {
  const places = { history: "/tests", new: "/tests/new", test: `/tests/${id}`, archive: "/archive" };
  for (const [lang, tag] of [["en", "en"], ["zh", "zh-CN"]]) {
    for (const scheme of ["light", "dark"]) {
      for (const [size, width, height] of [["wide", 1440, 900], ["narrow", 390, 844]]) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height });
        for (const [name, path] of Object.entries(places)) {
          await page.goto(base + path);
          await say(page, lang);
          await page.getByRole("heading").first().waitFor();
          await page.waitForLoadState("load");
          const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          if (over > 1) throw new Error(`${name} in ${tag} at ${width} px is ${over} px too wide`);
          await page.screenshot({ path: join(out, `${name}.${tag}.${scheme}.${size}.png`) });
        }
      }
    }
  }
}

/** Chooses a language by the switch in the header, as far as it is not chosen yet. */
async function say(page, lang) {
  const tag = await page.locator("html").getAttribute("lang");
  if (tag?.startsWith(lang)) return;
  const label = words(tag?.startsWith("zh") ? "zh" : "en").nav.language;
  await page.getByLabel(label).first().click();
  const choice = page.getByRole("menuitemradio", { name: lang === "zh" ? "中文" : "English" });
  await choice.click();
  await page.waitForFunction((want) => document.documentElement.lang.startsWith(want), lang);
}
