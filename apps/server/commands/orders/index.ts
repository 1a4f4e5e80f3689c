/** `chepiao orders`: operators look for orders, by many conditions at once and by names that are only roughly known. */
import type { OrderFilter, OrderHits, OrderSearch, StatisticsBy } from "@chepiao/ports/order-search";
import { readConfig, settingIn } from "../../config.ts";
import { type Command, CommandFailed } from "../command.ts";
import { type Asked, ordersHelp, readAsked } from "./asked.ts";
import { operatorLooks } from "../operator.ts";
import { openSearched, type Searched } from "./searched.ts";
import { firstPolicy } from "@chepiao/services/policy";
import { hitsAsJson, hitsText, statisticsText } from "./text.ts";

export const ordersCommand: Command = {
  about: "look for orders, by conditions and by names; count them",
  help: ordersHelp,
  async run(args) {
    const asked = readAsked(args);
    await using searched = await openSearched(readConfig(process.env));
    const about = await searched.peopleOf(asked);
    if (about === null) throw new CommandFailed(`There is no account "${asked.account}".`);
    console.log(await answer(searched, asked, { ...asked.filter, ...about }));
    return 0;
  },
};

/** What is printed. */
async function answer(searched: Searched, asked: Asked, filter: OrderFilter): Promise<string> {
  const { search } = searched;
  if (asked.by !== null) return counted(search, asked, filter, asked.by);
  const hits = await search.search({
    ...filter,
    limit: asked.limit,
    ...(asked.after === null ? {} : { after: asked.after }),
  });
  await operatorLooks(await searched.auditTrail(), { action: "readOrders", what: seenIn(hits, asked) });
  return asked.json ? hitsAsJson(hits) : hitsText(hits, filter, currencyHere());
}

/** By which conditions, and how many: what was asked for may be a name itself. */
function seenIn({ orders }: OrderHits, { filter: { passenger, ...filter }, document, account }: Asked): string {
  const given = [
    ...Object.keys(filter),
    ...Object.keys(passenger ?? {}),
    ...(document === null ? [] : ["document"]),
    ...(account === null ? [] : ["account"]),
  ];
  const travellers = orders.reduce((sum, { passengers }) => sum + passengers.length, 0);
  return `${orders.length} orders with ${travellers} travellers, by ${given.join(", ") || "no condition"}`;
}

async function counted(search: OrderSearch, { json, limit }: Asked, filter: OrderFilter, by: StatisticsBy) {
  const statistics = await search.statistics(filter, by, limit);
  return json ? JSON.stringify(statistics, null, 2) : statisticsText(statistics, by, filter, currencyHere());
}

/** What the books are in. */
const currencyHere = () => settingIn(readConfig(process.env))(firstPolicy).currency;
