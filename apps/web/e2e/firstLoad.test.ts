/** What a visitor loads before trains are shown: the same on either ground, whatever answers. */
import { afterAll, expect } from "bun:test";
import type { Page } from "playwright-core";
import { closeBrowser, startSite, visit } from "./browser.ts";
import { testByAnyRules } from "./railways.ts";

afterAll(closeBrowser);

testByAnyRules("the first load of the search page is small, quick and still", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  // The platform may still be building the site; a visitor later in the day does not see that.
  await page.goto("/");
  await page.goto("about:blank");
  const { scripts, bytes } = await firstLoad(page, "/?from=北京&to=上海");
  expect(scripts).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(102 * 1_024);
  const { interactiveMs, shift } = await page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const shifts = await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => {
        const entries = list.getEntries() as unknown as { readonly value: number; readonly hadRecentInput: boolean }[];
        resolve(entries.reduce((sum, { value }) => sum + value, 0));
      }).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(0), 300);
    });
    const mark = performance.getEntriesByName("trains-shown")[0];
    return { interactiveMs: mark?.startTime ?? Number.NaN, shift: shifts };
  });
  console.log(
    `first load: ${(bytes / 1_024).toFixed(1)} KB of gzipped scripts, trains after ${Math.round(interactiveMs)} ms, shift ${shift.toFixed(3)}`,
  );
  expect(interactiveMs).toBeLessThan(10_000);
  expect(shift).toBeLessThan(0.02);
  await context.close();
});

/** Scripts that the page needs before it shows trains, as sent with gzip. */
async function firstLoad(page: Page, address: string): Promise<{ readonly scripts: number; readonly bytes: number }> {
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector(".train")) return;
      performance.mark("trains-shown");
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(address);
  await page.locator(".train").first().waitFor();
  const urls = await page.evaluate(() => {
    const shown = performance.getEntriesByName("trains-shown")[0]!.startTime;
    const loaded = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return loaded.filter(({ name, startTime }) => name.endsWith(".js") && startTime < shown).map(({ name }) => name);
  });
  const sizes = await Promise.all(
    urls.map(async (url) => {
      const response = await fetch(url, { headers: { "accept-encoding": "gzip" }, decompress: false });
      return (await response.arrayBuffer()).byteLength;
    }),
  );
  return { scripts: urls.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
