/** A Kafka that is not there: what whoever waits for it is told, and how soon. Needs no Kafka. */
import { expect, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import { ServiceUnavailable } from "@chepiao/contracts";
import { LogUnavailable } from "@chepiao/ports/log";
import { settledRecord } from "@chepiao/ports/log/log.suite.ts";
import { openKafkaLog } from "./kafkaLog.ts";

test("who appends hears in time that the log is away, and readiness says which", async () => {
  const log = openKafkaLog(
    { brokers: ["127.0.0.1:1"], appendTimeoutMs: 300 },
    { clock: createSystemClock(), report: () => {} },
  );
  const failure = await log.append([settledRecord(1)]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LogUnavailable);
  expect(failure).toBeInstanceOf(ServiceUnavailable);
  expect((failure as LogUnavailable).refusal).toEqual({ code: "ServiceUnavailable", facts: { retryAfterSeconds: 1 } });
  const unready = await log.ready().catch((error: unknown) => error);
  expect(String(unready)).toContain("the log is away: Kafka at 127.0.0.1:1 cannot be used");
  await log[Symbol.asyncDispose]();
});
