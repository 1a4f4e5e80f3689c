/** `chepiao orders`: operators look for orders, by many conditions at once and by names that are only roughly known. */
import type { OrderFilter, OrderSearch, StatisticsBy } from "@chepiao/ports/order-search";
import { readConfig, settingIn } from "../../config.ts";
import { type Command, CommandFailed, UsageError } from "../command.ts";
import { type Asked, ordersHelp, readAsked } from "./asked.ts";
import { operatorLooks } from "../operator.ts";
import { openSearched, type Searched } from "./searched.ts";
import { lookedAt } from "@chepiao/services/operations";
import { firstPolicy } from "@chepiao/services/policy";
import { hitsAsJson, hitsText, statisticsText } from "./text.ts";

export const ordersCommand: Command = {
  about: "look for orders, by conditions and by names; count them",
  help: ordersHelp,
  async run(args) {
    const asked = readAsked(args);
    await using searched = await openSearched(readConfig(process.env));
    const filter = await searched.filterOf(asked);
    if (filter === "account") throw new CommandFailed(`There is no account "${asked.account}".`);
    // Not repeated: it may be a passenger's, and only its kind be wrong.
    if (filter === "document")
      throw new UsageError(`That is no number of a ${asked.document!.type}: see --document-type.`);
    console.log(await answer(searched, asked, filter));
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
  await operatorLooks(await searched.auditTrail(), { action: "readOrders", what: lookedAt(hits, asked) });
  return asked.json ? hitsAsJson(hits) : hitsText(hits, filter, currencyHere());
}

async function counted(search: OrderSearch, { json, limit }: Asked, filter: OrderFilter, by: StatisticsBy) {
  const statistics = await search.statistics(filter, by, limit);
  return json ? JSON.stringify(statistics, null, 2) : statisticsText(statistics, by, filter, currencyHere());
}

/** What the books are in. */
const currencyHere = () => settingIn(readConfig(process.env))(firstPolicy).currency;
