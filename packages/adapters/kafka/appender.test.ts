/** Group commit as it goes wrong, without a broker: who is told what, and when. */
import { expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { LogUnavailable } from "@chepiao/ports/log";
import { createAppender, type Message } from "./appender.ts";

const message = (text: string): Message => ({ topic: "t", key: Buffer.from("k"), value: Buffer.from(text) });
const textsOf = (messages: readonly Message[]) => messages.map(({ value }) => value!.toString()).join(" ");

const fateOf = ({ mayArrive }: LogUnavailable) => (mayArrive ? "may arrive" : "unavailable");

function subject(prepared = Promise.resolve()) {
  const clock = createManualClock(epochMs(0));
  const sent: string[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const appender = createAppender({
    prepared,
    clock,
    timeoutMs: 5_000,
    send(messages) {
      sent.push(textsOf(messages));
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
  });
  const fates: string[] = [];
  const append = async (text: string) => {
    try {
      await appender.append([message(text)]);
      fates.push(`${text} is there`);
    } catch (error) {
      fates.push(`${text}: ${error instanceof LogUnavailable ? fateOf(error) : String(error)}`);
    }
  };
  return { clock, sent, answers, fates, append };
}

test("what gathers while a request is on its way travels with the next", async () => {
  const { clock, sent, answers, fates, append } = subject();
  void append("a");
  await clock.advance(0);
  void append("b");
  void append("c");
  await clock.advance(1_000);
  expect(sent).toEqual(["a"]);
  answers[0]!.resolve();
  await clock.advance(0);
  answers[1]!.resolve();
  await clock.advance(0);
  expect(sent).toEqual(["a", "b c"]);
  expect(fates).toEqual(["a is there", "b is there", "c is there"]);
});

test("what a broker refuses goes once more, ahead of what came later, while there is time", async () => {
  const { clock, sent, answers, fates, append } = subject();
  void append("a");
  await clock.advance(0);
  void append("b");
  answers[0]!.reject(new Error("a leader is being chosen"));
  await clock.advance(0);
  await clock.advance(200);
  expect(sent).toEqual(["a", "a b"]);
  answers[1]!.resolve();
  await clock.advance(0);
  expect(fates).toEqual(["a is there", "b is there"]);
});

test("whoever has waited too long is refused, and what was not sent by then never is", async () => {
  const { clock, sent, answers, fates, append } = subject();
  void append("a");
  await clock.advance(0);
  void append("b");
  await clock.advance(4_000);
  void append("c");
  await clock.advance(2_000);
  expect(fates).toEqual(["a: may arrive", "b: unavailable"]);
  answers[0]!.reject(new Error("the broker is gone"));
  await clock.advance(0);
  await clock.advance(200);
  expect(sent).toEqual(["a", "c"]);
  answers[1]!.resolve();
  await clock.advance(0);
  expect(fates.at(-1)).toBe("c is there");
});

test("I2: what was on its way once may still arrive, also while it waits to go once more", async () => {
  const { clock, answers, fates, append } = subject();
  void append("a");
  await clock.advance(0);
  answers[0]!.reject(new Error("a leader is being chosen"));
  await clock.advance(150);
  answers[1]!.reject(new Error("it is still being chosen"));
  await clock.advance(6_000);
  expect(fates).toEqual(["a: may arrive"]);
});

test("before Kafka is there appends wait, and are refused in their time without being sent later", async () => {
  const prepared = Promise.withResolvers<void>();
  const { clock, sent, fates, append } = subject(prepared.promise);
  void append("a");
  await clock.advance(6_000);
  prepared.resolve();
  await clock.advance(0);
  expect([fates, sent]).toEqual([["a: unavailable"], []]);
});

test("a record larger than a request is refused alone", async () => {
  const { clock, answers, fates, append } = subject();
  void append("x".repeat(1_000_000));
  void append("a");
  await clock.advance(0);
  answers[0]!.resolve();
  await clock.advance(0);
  expect(fates[0]).toContain("larger than any should be");
  expect(fates[1]).toBe("a is there");
});
