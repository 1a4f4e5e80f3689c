/** How a run was sold, as a page that an operator publishes beside its data file: in both languages, with the hash by which everybody can check that file. */
import { createHash } from "node:crypto";
import { escaped, pageStyle, tableOf } from "../../html.ts";
import type { QueueFairness } from "./fairness.ts";

export type FairnessFiles = { readonly data: string; readonly page: string; readonly sha256: string };

export const dataName = "fairness.json";
export const pageName = "fairness.html";

export function fairnessFiles(fair: QueueFairness): FairnessFiles {
  const data = `${JSON.stringify(fair, null, 2)}\n`;
  const sha256 = createHash("sha256").update(data).digest("hex");
  return { data, sha256, page: pageOf(fair, sha256) };
}

type Row = readonly [string, number | string];

function pageOf(fair: QueueFairness, sha256: string): string {
  const { draw, places, orders, buyersByTenth, purchasesBySecond, ticketsPerAccount } = fair;
  const unknown = "– 太少，无法判断 · too few to tell";
  const rows: readonly Row[] = [
    ["事先公布的种子哈希 · SHA-256 of the seed, published before", draw.seedHash],
    ["各签的根 · root of the lots", draw.root === null ? "–" : `${draw.root}, ${draw.rootAt}`],
    ["签数 · lots", draw.lots ?? "–"],
    [
      "抽签核验 · draw, as by verify-draw",
      draw.checked === null ? "–" : draw.checked === "right" ? "✓" : `✗ ${draw.checked}`,
    ],
    [
      "抽签是否均匀（卡方） · is the draw even (chi-square)",
      draw.evenness === null
        ? unknown
        : `${draw.evenness.chiSquare.toFixed(1)}, ${draw.evenness.degrees} df, p = ${draw.evenness.p.toFixed(4)}`,
    ],
    ["发出的位置 · places given", places.given],
    ["叫到的位置 · places called", places.called],
    ["订单 · orders", orders.total],
    ["有签的买家 · of buyers with a lot", orders.byLot],
    ["位置从未被叫到 · of a place that was never called", orders.neverCalled],
    ["抽签之前 · before the draw", orders.beforeDraw],
    ["候补所得，不计入 · by the waitlist, not counted here", orders.byWaitlist],
    [
      "位置与购买先后（1：完全一致） · place against purchase (1: in order)",
      fair.placeAgainstPurchase === null ? unknown : fair.placeAgainstPurchase.toFixed(3),
    ],
    ["最后一次购买，秒 · last purchase, s after the opening", fair.secondsToLastPurchase?.toFixed(0) ?? "–"],
  ];
  return `<!doctype html>
<html lang="zh">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(fair.scope)} 公平性 · Fairness</title>
<style>
${pageStyle}
</style>
<h1>${escaped(fair.scope)}：怎样售出 · how it was sold</h1>
<p>${escaped(fair.opensAt)} – ${escaped(fair.until)}. 只有数字，没有任何人 · numbers alone, and nobody's name. <a href="${dataName}">${dataName}</a>, SHA-256 <code>${sha256}</code></p>
${tableOf(["", ""], rows)}
${section(
  "按位置的十分之一 · by tenths of the places",
  ["位置 · places", "签 · lots", "买到 · bought"],
  buyersByTenth.map(({ lots, bought }, n) => [`${n + 1}/10`, lots, bought]),
)}
${section("按开售后的秒 · by second after the opening", ["秒 · second", "订单 · orders"], inOrder(purchasesBySecond))}
${section("每个账号的票数 · tickets of an account", ["票 · tickets", "账号 · accounts"], inOrder(ticketsPerAccount))}
</html>
`;
}

const inOrder = (counts: Readonly<Record<string, number>>): readonly (readonly (number | string)[])[] =>
  Object.entries(counts)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([name, count]) => [name, count]);

const section = (title: string, heads: readonly string[], rows: readonly (readonly (number | string)[])[]): string =>
  rows.length === 0 ? "" : `<h2>${title}</h2>\n${tableOf(heads, rows)}`;
