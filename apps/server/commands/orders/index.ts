/** `chepiao orders`: operators look for orders, by many conditions at once and by names that are only roughly known. */
import type { OrderFilter, OrderSearch, StatisticsBy } from "@chepiao/ports/order-search";
import { readConfig } from "../../config.ts";
import { type Command, CommandFailed } from "../command.ts";
import { type Asked, ordersHelp, readAsked } from "./asked.ts";
import { openSearched } from "./searched.ts";
import { hitsAsJson, hitsText, statisticsText } from "./text.ts";

export const ordersCommand: Command = {
  about: "look for orders, by conditions and by names; count them",
  help: ordersHelp,
  async run(args) {
    const asked = readAsked(args);
    await using searched = await openSearched(readConfig(process.env));
    const about = await searched.peopleOf(asked);
    if (about === null) throw new CommandFailed(`There is no account "${asked.account}".`);
    console.log(await answer(searched.search, asked, { ...asked.filter, ...about }));
    return 0;
  },
};

/** What is printed. */
async function answer(search: OrderSearch, asked: Asked, filter: OrderFilter): Promise<string> {
  if (asked.by !== null) return counted(search, asked, filter, asked.by);
  const hits = await search.search({
    ...filter,
    limit: asked.limit,
    ...(asked.after === null ? {} : { after: asked.after }),
  });
  return asked.json ? hitsAsJson(hits) : hitsText(hits, filter);
}

async function counted(search: OrderSearch, { json, limit }: Asked, filter: OrderFilter, by: StatisticsBy) {
  const statistics = await search.statistics(filter, by, limit);
  return json ? JSON.stringify(statistics, null, 2) : statisticsText(statistics, by, filter);
}
