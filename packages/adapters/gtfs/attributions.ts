/** `attributions.txt`: whom the feed asks to name beside what is made of it. */
import type { Attribution } from "@chepiao/contracts";
import type { Problems } from "./problems.ts";
import type { Read } from "./table.ts";

const file = "attributions.txt";
const columns = { required: ["organization_name"], optional: ["attribution_url"] } as const;
/** Of whom a page can name. */
const attributionsMax = 50;
const nameLengthMax = 200;
const urlLengthMax = 500;

/** Each once, in the feed's order, of whatever part of the feed it is. */
export async function readAttributions(read: Read, problems: Problems): Promise<Attribution[]> {
  const byName = new Map<string, Attribution>();
  await read(file, columns, ({ organization_name: text, attribution_url: url }, line) => {
    const name = text.slice(0, nameLengthMax);
    if (name === "" || byName.get(name)?.url) return;
    if (!byName.has(name) && byName.size === attributionsMax)
      return problems.warn(`more than ${attributionsMax} attributions: the others are left out`, `${file}:${line}`);
    const isAddress = /^https?:\/\//i.test(url) && URL.canParse(url) && url.length <= urlLengthMax;
    if (url !== "" && !isAddress) problems.warn("attribution_url that is no address is left out", `${file}:${line}`);
    byName.set(name, { name, url: isAddress ? url : null });
  });
  return [...byName.values()];
}
