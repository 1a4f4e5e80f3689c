/** I8: read models say what the orders say, no more and no less; a search is shown the seats there are. */
import type { OrderRecord } from "@chepiao/ports/order-store";
import { indexedOrders, listedOrder } from "@chepiao/ports/order-lists";
import { documentOf } from "@chepiao/ports/order-search";
import type { SqlPorts } from "../engines/sql.ts";

type Kept = { readonly orderId: number };

const limit = 1_000_000;

export async function readModelsAreOrders(
  { index, list, search }: Pick<SqlPorts, "index" | "list" | "search">,
  orders: readonly OrderRecord[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [runId, ofRun] of Map.groupBy(orders.flatMap(indexedOrders), (order) => order.runId))
    wrong.push(...differences("the index", await index.ofRun(runId, { limit }), ofRun));
  for (const [userId, ofUser] of Map.groupBy(orders, (order) => order.userId))
    wrong.push(...differences("the list", await list.ofUser(userId, { limit }), ofUser.map(listedOrder)));
  const { orders: found } = await search.search({ limit });
  return [...wrong, ...differences("the search index", found, orders.map(documentOf))];
}

function differences(model: string, has: readonly Kept[], should: readonly Kept[]): string[] {
  const left = new Map(has.map((row) => [row.orderId, JSON.stringify(row)]));
  const wrong: string[] = [];
  for (const row of should) {
    const text = left.get(row.orderId);
    left.delete(row.orderId);
    if (text === undefined) wrong.push(`I8: ${model} lacks order ${row.orderId}`);
    else if (text !== JSON.stringify(row)) wrong.push(`I8: ${model} has order ${row.orderId} otherwise than it is`);
  }
  return [...wrong, ...[...left.keys()].map((orderId) => `I8: ${model} has order ${orderId}, which is not there`)];
}
