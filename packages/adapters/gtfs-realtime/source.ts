/** Reads a GTFS-Realtime feed from an address or a file, within a time and a size. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { TrainMessageSource } from "@chepiao/ports/run-states";
import { decodeMessages, NoTrainMessages } from "./decode.ts";

export type SourceLimits = {
  /** From the first byte sent to the last one read. */
  readonly deadlineMs: number;
  readonly bytesMax: number;
};

/** A whole country's trains are some megabytes; a feed that is asked for every half minute is not waited for longer than that. */
export const sourceLimits: SourceLimits = { deadlineMs: 10 * secondMs, bytesMax: 32 * 2 ** 20 };
const sourceNameLengthMax = 64;

/** @param place an address (`https://…`) or a file */
export function openMessageSource(place: string, clock: Pick<Clock, "now">, limits = sourceLimits): TrainMessageSource {
  const isAddress = /^https?:\/\//i.test(place);
  return {
    name: nameOf(isAddress ? new URL(place) : place),
    read: async () => decodeMessages(await (isAddress ? fetched(place, limits) : readFile(place, limits)), clock.now()),
  };
}

/** Without what an address may have of keys; told apart by what was left out. */
function nameOf(place: URL | string): string {
  if (typeof place === "string") return "file";
  const shown = `${place.host}${place.pathname}`;
  const key = createHash("sha256").update(place.href).digest("hex").slice(0, 8);
  return `${shown.slice(0, sourceNameLengthMax - key.length - 1)} ${key}`;
}

async function fetched(address: string, { deadlineMs, bytesMax }: SourceLimits): Promise<Uint8Array> {
  const response = await fetch(address, { signal: AbortSignal.timeout(deadlineMs), redirect: "follow" });
  if (!response.ok) {
    await response.body?.cancel();
    throw new NoTrainMessages(`it was answered with ${response.status} ${response.statusText}`.trim());
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Thrown in the middle of the body, which ends the connection.
    if (length > bytesMax) throw new NoTrainMessages(`it is longer than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readFile(path: string, { bytesMax }: SourceLimits): Promise<Uint8Array> {
  await using file = await open(path).catch((error: Error) => {
    throw new NoTrainMessages(`${path} cannot be read: ${error.message}`, { cause: error });
  });
  const { size } = await file.stat();
  if (size > bytesMax) throw new NoTrainMessages(`${path} is longer than ${bytesMax} bytes`);
  return file.readFile();
}
