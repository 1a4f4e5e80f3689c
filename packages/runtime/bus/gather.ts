/**
 * Turns single questions into lists: what is asked while enough calls are under way goes together in the next one. A quiet
 * caller waits for nobody; a busy one needs ever fewer calls for its questions.
 */
export type GatherDeps<Item, Answer> = {
  /** One answer an item, in order. */
  readonly send: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** How much a single call may carry, in the measure of `sizeOf`; an item counts 1 where it is left out. */
  readonly sizeMax: number;
  readonly sizeOf?: (item: Item) => number;
  /** Calls once what has come in by now was taken up. */
  readonly soon: (call: () => void) => void;
};

/** Two: while one call is answered the next one is on its way. */
const callsMax = 2;

export function createGatherer<Item, Answer>({
  send,
  sizeMax,
  sizeOf = () => 1,
  soon: later,
}: GatherDeps<Item, Answer>) {
  type Waiting = {
    readonly item: Item;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: unknown) => void;
  };
  const waiting: Waiting[] = [];
  let calls = 0;
  let isSet = false;

  /** Behind every socket that was ready to be read in this turn: promises settle between two requests that came together. */
  function soon() {
    if (isSet || calls >= callsMax) return;
    isSet = true;
    later(() => {
      isSet = false;
      while (waiting.length > 0 && calls < callsMax) void go(nextBatch());
    });
  }

  function nextBatch(): Waiting[] {
    let size = 0;
    const fits = waiting.findIndex(({ item }, n) => (size += sizeOf(item)) > sizeMax && n > 0);
    return waiting.splice(0, fits < 0 ? waiting.length : fits);
  }

  async function go(batch: readonly Waiting[]) {
    calls++;
    try {
      const answers = await send(batch.map(({ item }) => item));
      for (const [n, { resolve }] of batch.entries()) resolve(answers[n]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    calls--;
    soon();
  }

  return (item: Item): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      soon();
    });
}
