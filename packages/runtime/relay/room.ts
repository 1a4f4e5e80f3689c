/** The relay, as it declares itself: what starts in SQL gets to the log by it. */
import { secondMs } from "@chepiao/kernel";
import { logPort } from "@chepiao/ports/log";
import { outboxPort } from "@chepiao/ports/outbox";
import { defineRoom, type Follower, gaugeOf } from "@chepiao/room";
import { createRelay } from "./relay.ts";

/** In a process of its own nobody tells the relay that there is something to carry. */
const untoldEveryMs = 200;

export const relayRoom = defineRoom({
  name: "relay",
  about: "carries messages from SQL to the log",
  needs: { outbox: outboxPort, log: logPort },
  open({ clock, report, isSingleProcess, ports: { outbox, log } }) {
    let kick = () => {};
    const carrying: Follower = {
      kind: "follower",
      name: "outbox to log",
      begin() {
        const relay = createRelay({
          outbox,
          log,
          clock,
          report,
          ...(isSingleProcess ? {} : { everyMs: untoldEveryMs }),
        });
        ({ kick } = relay);
        kick();
        return () => relay[Symbol.asyncDispose]();
      },
    };
    return {
      kickOutbox: () => kick(),
      work: [carrying],
      metrics: [
        gaugeOf(
          "local_message_pending",
          "Messages in the outbox not yet in the log.",
          async () => (await outbox.backlog()).count,
        ),
        gaugeOf("local_message_oldest_seconds", "Age of the oldest of them.", async () => {
          const { oldestAt } = await outbox.backlog();
          return oldestAt === null ? 0 : (clock.now() - oldestAt) / secondMs;
        }),
      ],
    };
  },
});
