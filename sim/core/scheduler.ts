/**
 * Virtual time. Everything that happens in a world is an event of this queue: a call that arrives at an engine, an answer that
 * arrives at a process, a timer, a person's next thought, a fault. Events run one after the other, in the order of their time; what
 * waits on promises between two events has run before the next one. So one seed is one history, and its hash says so.
 */
import { drainMicrotasks } from "bun:jsc";
import { assert } from "@chepiao/kernel";

export type Scheduler = {
  /** Microseconds since the world began. */
  now(): number;
  /** Calls once after the delay in microseconds. The returned function takes it back. */
  after(delayUs: number, actor: string, what: string, run: () => void): () => void;
  /** The next event; false where nothing will ever happen again. */
  step(): boolean;
  /** Everything that happens within so many microseconds. */
  run(forUs: number): void;
  /** Time passes by so much without a process having been awake: what was due meanwhile is due now. */
  leap(byUs: number): void;
  /** Makes a fact part of the history's hash. */
  note(actor: string, what: string, detail: string): void;
  /** Tells the listener, if there is one; the history is the same. */
  tell(actor: string, what: string, detail: () => string): void;
  readonly steps: number;
  /** Sixteen hexadecimal digits over everything that has happened. */
  hash(): string;
};

/** Told of all that happens, for stories and traces. */
export type Listener = (atUs: number, actor: string, what: string, detail: string) => void;

type Event = { at: number; seq: number; actor: string; what: string; run: (() => void) | null };

export function createScheduler(hear: Listener | null = null): Scheduler {
  const queue = createQueue();
  let now = 0;
  let seq = 0;
  let steps = 0;
  let [high, low] = [0x9e3779b9, 0x85ebca6b];

  function mix(text: string) {
    high = Bun.hash.xxHash32(text, high);
    low = Bun.hash.murmur32v3(text, low);
  }

  function step(): boolean {
    for (;;) {
      const event = queue.pop();
      if (!event) return false;
      const { run } = event;
      if (!run) continue;
      // A leap may have passed it.
      now = Math.max(now, event.at);
      steps++;
      mix(`${now} ${event.actor} ${event.what}`);
      hear?.(now, event.actor, event.what, "");
      run();
      drainMicrotasks();
      return true;
    }
  }

  return {
    now: () => now,
    step,
    after(delayUs, actor, what, run) {
      const event: Event = { at: now + Math.max(0, Math.round(delayUs)), seq: seq++, actor, what, run };
      queue.push(event);
      return () => {
        event.run = null;
      };
    },
    run(forUs) {
      const until = now + forUs;
      while ((queue.first()?.at ?? Infinity) <= until) step();
      now = until;
    },
    leap(byUs) {
      assert(byUs >= 0, "time does not go back for everybody");
      now += Math.round(byUs);
      mix(`${now} leap`);
    },
    note(actor, what, detail) {
      mix(detail);
      hear?.(now, actor, what, detail);
    },
    tell: (actor, what, detail) => hear?.(now, actor, what, detail()),
    get steps() {
      return steps;
    },
    hash: () => [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join(""),
  };
}

/** A binary heap, earliest first; of one moment, in the order in which they were put in. */
function createQueue() {
  const heap: Event[] = [];
  const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.seq < b.seq);
  return {
    first: () => heap[0],
    push(event: Event) {
      let at = heap.length;
      heap.push(event);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(event, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = event;
    },
    pop(): Event | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || !last) return first;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
        if (!isBefore(heap[child]!, last)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
      return first;
    },
  };
}
