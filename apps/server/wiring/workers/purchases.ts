/**
 * Purchases between threads: read and checked on one, decided on another. What comes in one turn goes in one message, and so do
 * its answers, as text, because a thread boundary costs by the message and hardly by the letter. The answer to a purchase is
 * written as JSON where it is decided and sent to the passenger as it is.
 */
import { refusal, type Refusal } from "@chepiao/contracts";
import { ok, refuse } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Purchase, SubmitCommand } from "@chepiao/services/order";

/** One end of a line to another thread. */
export type Line = Pick<MessagePort, "postMessage" | "addEventListener" | "start">;

type Asked = { readonly id: number; readonly command: SubmitCommand };
/** An answer is a line: the number of what was asked, the status or `refused`, and the JSON of the view or the refusal. */
const refused = "0";
type Purchased = Awaited<ReturnType<Purchase>>;

/** The side that reads requests. */
export function sendPurchases(line: Line, { soon }: Pick<Clock, "soon">): Purchase {
  const waiting = new Map<number, (purchased: Purchased) => void>();
  const send = createGatherer(soon, (texts) => line.postMessage(`[${texts.join(",")}]`));
  let lastId = 0;
  hear(line, (text) => {
    for (const answer of text.split("\n")) {
      const status = answer.indexOf(" ") + 1;
      const body = answer.indexOf(" ", status) + 1;
      const id = Number(answer.slice(0, status));
      const answered = waiting.get(id);
      waiting.delete(id);
      answered?.(purchasedOf(answer.slice(status, body - 1), answer.slice(body)));
    }
  });
  return (command) =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      send(JSON.stringify({ id, command } satisfies Asked));
    });
}

const purchasedOf = (status: string, json: string): Purchased =>
  status === refused ? refuse(JSON.parse(json) as Refusal) : ok({ status: Number(status), raw: "json", body: json });

/** The side that decides. */
export function takePurchases(
  line: Line,
  purchase: Purchase,
  {
    clock,
    report,
  }: { readonly clock: Pick<Clock, "soon">; readonly report: (message: string, error: unknown) => void },
): void {
  const send = createGatherer(clock.soon, (answers) => line.postMessage(answers.join("\n")));
  hear(line, (text) => {
    for (const { id, command } of JSON.parse(text) as readonly Asked[]) {
      const answer = (purchased: Purchased) => send(`${id} ${lineOf(purchased)}`);
      purchase(command).then(answer, (error: unknown) => {
        report("a purchase could not be decided", error);
        answer(refuse(refusal("Internal")));
      });
    }
  });
}

const lineOf = (purchased: Purchased): string =>
  purchased.ok
    ? `${purchased.value.status} ${JSON.stringify(purchased.value.body)}`
    : `${refused} ${JSON.stringify(purchased.error)}`;

function hear(line: Line, heard: (text: string) => void) {
  line.addEventListener("message", (event) => heard((event as MessageEvent<string>).data));
  line.start();
}

/** Sends what comes in one turn together. */
function createGatherer(soon: Clock["soon"], send: (texts: readonly string[]) => void): (text: string) => void {
  let gathered: string[] = [];
  function flush() {
    const texts = gathered;
    gathered = [];
    send(texts);
  }
  return (text) => {
    if (gathered.push(text) === 1) soon(flush);
  };
}
