/**
 * Bodies, never read further than they may be long. A length that was said is believed, because the parser holds its sender to it; a
 * body without one is counted while it arrives, and what is too long is not read to its end.
 */

/** The body, or null where it is longer than that; the rest is then not read. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const said = saidLength(request);
  if (said !== null) return said > bytesMax ? null : request.bytes();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > bytesMax) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** The same as text; null at once where the length that was said is too long. */
export function readText(request: Request, bytesMax: number): Promise<string | null> | null {
  const said = saidLength(request);
  // The runtime's own way is the fast one, and most bodies say their length.
  if (said !== null) return said > bytesMax ? null : request.text();
  return readBytes(request, bytesMax).then((bytes) => bytes && new TextDecoder().decode(bytes));
}

/** A request whose body can be read by a reader that does not count: it is no longer than that. Null where it would be. */
export async function withBoundedBody(request: Request, bytesMax: number): Promise<Request | null> {
  if (request.method === "GET" || request.method === "HEAD") return request;
  const said = saidLength(request);
  if (said !== null) return said > bytesMax ? null : request;
  const body = await readBytes(request, bytesMax);
  if (body === null) return null;
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body });
}

function saidLength({ headers }: Request): number | null {
  const said = headers.get("content-length");
  return said === null ? null : Number(said);
}
