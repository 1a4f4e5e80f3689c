/**
 * One file of the log: a magic word, then frames of `length (u32) · crc32 (u32) · JSON`. A frame that was cut off by a crash can
 * only be the last of the last file; anything else that does not add up is damage and is said aloud, never skipped.
 */
import type { LogRecord } from "@chepiao/contracts";
import { jsonOnce } from "@chepiao/kernel";

export const magic = Buffer.from("CHEPIAO1");
export const frameHeaderBytes = 8;
const closingBrace = 0x7d;
/** Far above any record we write: a larger length is damage, not data. */
const payloadBytesMax = 1 << 20;

/** Turns records into frames, reusing one buffer; the result is valid until the next call. */
export function createEncoder(): (records: readonly LogRecord[]) => Buffer {
  let buffer = Buffer.allocUnsafe(1 << 20);
  return (records) => {
    let end = 0;
    for (const record of records) {
      const before = `{"topic":"${record.topic}","key":${JSON.stringify(record.key)},"value":`;
      // A purchase is written once more, for its rows; to keep the text of others costs as much as making it.
      const value = record.topic === "order-create-topic" ? jsonOnce(record.value) : JSON.stringify(record.value);
      // A UTF-16 unit is at most three bytes of UTF-8.
      const room = frameHeaderBytes + (before.length + value.length) * 3 + 1;
      if (end + room > buffer.length) buffer = Buffer.concat([buffer.subarray(0, end)], (end + room) * 2);
      const start = end + frameHeaderBytes;
      let at = start + buffer.write(before, start);
      // By itself: put into the text around it, it would be copied once more.
      at += buffer.write(value, at);
      buffer[at++] = closingBrace;
      const length = at - start;
      if (length > payloadBytesMax)
        throw new RangeError(`a log record of ${length} bytes is larger than any should be`);
      const payload = buffer.subarray(end + frameHeaderBytes, end + frameHeaderBytes + length);
      buffer.writeUInt32LE(length, end);
      buffer.writeUInt32LE(Bun.hash.crc32(payload), end + 4);
      end += frameHeaderBytes + length;
    }
    return buffer.subarray(0, end);
  };
}

export type Scan = {
  readonly count: number;
  /** Bytes up to the end of the last whole frame. */
  readonly soundBytes: number;
  /** What is wrong behind them, if anything. */
  readonly broken: string | null;
};

/** Walks the frames of a file, handing each whole one to `take`. */
export function scanSegment(bytes: Buffer, take: (payload: Buffer, index: number) => void): Scan {
  if (bytes.length < magic.length) return { count: 0, soundBytes: 0, broken: "the file has no header" };
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    return { count: 0, soundBytes: 0, broken: "this is not a log file of this version" };
  }
  let at = magic.length;
  let count = 0;
  const stop = (broken: string | null): Scan => ({ count, soundBytes: at, broken });
  while (at < bytes.length) {
    if (at + frameHeaderBytes > bytes.length) return stop("a record's header is cut off");
    const length = bytes.readUInt32LE(at);
    if (length === 0 || length > payloadBytesMax) return stop("a record's length makes no sense");
    const end = at + frameHeaderBytes + length;
    if (end > bytes.length) return stop("a record is cut off");
    const payload = bytes.subarray(at + frameHeaderBytes, end);
    if (Bun.hash.crc32(payload) !== bytes.readUInt32LE(at + 4)) return stop("a record does not match its checksum");
    take(payload, count);
    count++;
    at = end;
  }
  return stop(null);
}
