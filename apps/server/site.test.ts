/** What a page says before a script has run: to a reader on a slow line, to a search engine, to whoever is sent a link. */
import { expect, test } from "bun:test";
import { policyDefault } from "@chepiao/contracts";
import { createSite } from "./site.ts";

const siteAt = (publicUrl: string, railway = policyDefault) =>
  createSite({
    report: (message, error) => console.error(message, error),
    demo: null,
    messagesPage: null,
    railway,
    publicUrl,
  });
const ownName = { zh: "山线铁路", en: 'Mountain & "Lake" </title>' };
const sites = {
  named: siteAt("https://tickets.example/"),
  unnamed: siteAt(""),
  own: siteAt("", { ...policyDefault, name: ownName }),
};

async function get(site: keyof typeof sites, path: string, language = "zh-CN"): Promise<Response> {
  const headers = { accept: "text/html", "accept-language": language };
  return (await sites[site](new Request(`http://localhost${path}`, { headers })))!;
}
const page = async (site: keyof typeof sites, language?: string) => (await get(site, "/", language)).text();

test("a page describes itself in the language of its reader, with a picture where others can fetch one", async () => {
  const [chinese, english, unnamed] = [await page("named"), await page("named", "en"), await page("unnamed")];
  expect(chinese).toMatch(/<meta name="description" content="[^"]*买火车票/);
  expect(english).toMatch(/<meta name="description" content="[^"]*train/);
  expect(english).toMatch(/<meta property="og:title" content="Chepiao"/);
  for (const text of [chinese, english])
    expect(text).toContain('<meta property="og:image" content="https://tickets.example/icon-512.png">');
  // An address of this machine is no use to whoever is sent a link.
  expect(unnamed).not.toContain("og:image");
  expect(unnamed).toContain('property="og:title"');
});

test("the frame of the page stands in it before its script is there", async () => {
  const text = await page("unnamed", "en");
  const root = text.slice(text.indexOf('<div id="root">'));
  expect(root).toMatch(/^<div id="root"><div class="top">.*Chepiao.*skeleton/);
  expect(text).not.toContain("{{");
});

test("a railway's site has its name, whatever is in it, and one with the rules of an example that of the platform", async () => {
  expect(await page("own")).toContain("<title>山线铁路</title>");
  const english = await page("own", "en");
  expect(english).toContain("<title>Mountain &amp; &quot;Lake&quot; &lt;/title&gt;</title>");
  expect(english).toContain('<meta name="brand-zh" content="山线铁路">');
  expect(english).not.toContain("Chepiao<");
  const manifest = (await (await get("own", "/manifest.webmanifest")).json()) as { name: string; short_name: string };
  expect([manifest.name, manifest.short_name]).toEqual([`${ownName.zh} ${ownName.en}`, ownName.zh]);
  expect(await page("unnamed")).toContain('<meta name="brand-zh" content="车票">');
});

test("a phone finds an icon for its home screen, as a picture it can read", async () => {
  const href = /<link rel="apple-touch-icon" href="([^"]+)">/.exec(await page("unnamed"))![1]!;
  const icon = await get("unnamed", href);
  expect(icon.headers.get("content-type")).toBe("image/png");
  const bytes = new DataView(await icon.arrayBuffer());
  // Width and height, of a PNG's first chunk.
  expect([bytes.getUint32(16), bytes.getUint32(20)]).toEqual([180, 180]);
});
