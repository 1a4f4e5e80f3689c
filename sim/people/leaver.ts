/** Who buys, and then deletes his account, as soon as nothing of his is under way any more. */
import { secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { LoginAnswer } from "@chepiao/contracts";
import type { UserId } from "@chepiao/kernel";
import { live, type PersonDeps } from "./person.ts";

const triesMax = 12;

export async function buyAndLeave(deps: PersonDeps): Promise<void> {
  const { world, told, life, account } = deps;
  const { chance, clock } = life;
  const { username, password } = account;
  await live(deps);
  for (let tries = 0; tries < triesMax; tries++) {
    const entered = await world.ask(life, "user", "login", { body: { username, password } });
    if (entered.kind === "answer") {
      const { token, user } = entered.body as LoginAnswer;
      const heard = await world.ask(life, "user", "deleteAccount", { token, body: { password } });
      if (heard.kind === "answer") told.left.set(user.userId as UserId, world.now());
      if (heard.kind === "answer") return told.count("deleted an account");
    }
    await sleep(clock, chance.between(2, 15) * secondMs);
  }
  told.count("could not delete an account");
}
