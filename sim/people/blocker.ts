/** An operator who blocks an account, for seconds or for longer than people buy, as the command does it. */
import { epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { Life } from "../core/life.ts";
import type { World } from "../world.ts";
import type { Told } from "./told.ts";

const triesMax = 20;

export async function blockAccount(world: World, told: Told, life: Life): Promise<void> {
  const { chance } = life;
  const accounts = told.judged.accounts();
  if (accounts.length === 0) return;
  const userId = chance.pick(accounts);
  const now = world.now();
  const until = epochMs(now + (chance.chance(0.7) ? chance.between(3, 25) * secondMs : 60 * minuteMs));
  if (!told.judged.blocks(userId, until)) return;
  const { risk } = world.sql.portsOf(life);
  const subject = `account ${userId}` as const;
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      await risk.block({ blockId: life.name, subject, reason: "resells", since: now, until });
      told.judged.blockIsSet(userId, world.now());
      return told.count("blocked an account");
    } catch {
      await sleep(life.clock, chance.next() * 2 * secondMs);
    }
  }
}
