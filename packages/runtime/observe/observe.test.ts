/** What the log says and what it must never say; what Prometheus reads. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createLogger, createLogSink, createMetrics, type LogEntry, scrub, scrubText } from "./index.ts";

function logged(entry: LogEntry, level: "debug" | "info" | "warn" | "error" = "info"): Record<string, unknown> {
  let text = "";
  createLogger({ level: "debug", write: (line) => (text += line) })[level](entry);
  expect(text.endsWith("\n")).toBe(true);
  expect(text.indexOf("\n")).toBe(text.length - 1);
  return JSON.parse(text) as Record<string, unknown>;
}

test("a line has the document's fields in the document's order", () => {
  const line = logged({
    service: "order-service",
    traceId: "1a2b3c4d5e6f",
    spanId: "7a8b9c0d",
    userId: 123456,
    action: "createOrder",
    message: "订单创建成功",
    orderId: "E00420000000000017",
    duration: 245,
    status: "success",
  });
  expect(Object.keys(line).join(" ")).toBe(
    "timestamp level service traceId spanId userId action message orderId duration status",
  );
  expect(line).toMatchObject({ level: "INFO", orderId: "E00420000000000017", message: "订单创建成功" });
  expect(line["timestamp"]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
});

test("a level below the one asked for is not written", () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "warn", write: (line) => void lines.push(line) });
  for (const level of ["debug", "info", "warn", "error"] as const) logger[level]({ service: "x", message: level });
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(["WARN", "ERROR"]);
  expect([logger.writes("info"), logger.writes("warn")]).toEqual([false, true]);
});

const secrets = {
  "a resident identity number": "11010519491231002X",
  "a passport": "E12345678",
  "a permit": "H1234567890",
  "a mobile number": "13812345678",
  "a mail address": "erik.sommer@mail.example",
  "a bearer token": "Bearer abcDEF123.x-y_z",
  "a session cookie": "chepiao_session=abcDEF123",
  "a password": 'password":"hunter2abc"',
  "a token in a query": "token=abcDEF123",
};

test.each(Object.entries(secrets))("%s never reaches the log, wherever it stands", (_, secret) => {
  const error = new Error(`cannot insert (${secret})`, { cause: new Error(secret) });
  const line = JSON.stringify(
    logged(
      { service: "x", message: `saw ${secret}.`, details: { note: secret, deep: [{ more: secret }] }, error },
      "error",
    ),
  );
  const core = secret.match(/[A-Za-z\d]{6,}/g)!.at(-1)!;
  expect(line).not.toContain(core);
});

test.each([
  "password",
  "newPassword",
  "token",
  "access_token",
  "Authorization",
  "cookie",
  "documentNumber",
  "document-number",
  "signature",
  "idCard",
])("a field named %s is hidden whatever it holds", (name) =>
  expect(scrub({ [name]: { inner: "abc" }, other: "abc" })).toEqual({ [name]: "[hidden]", other: "abc" }),
);

test("what only looks a little like a secret stays readable", () => {
  for (const text of [
    "E00421234567890123",
    "G1/2026-12-01",
    "order 4503599627370496",
    "1764547200000",
    "POST /api/order 202",
    "at node_modules/.pnpm/pkg@1.2.3/node_modules/@chepiao/adapters/index.ts:7",
    "Access denied for user 'chepiao'@'db.example'",
    "mysql://chepiao@db.internal:3306 is away",
    "升级到 pkg@1.2.3，完成",
  ]) {
    expect(scrubText(text)).toBe(text);
  }
});

test("of a mail address nothing stays, and of what stands about it all", () => {
  for (const [text, shown] of [
    ["o'neil+a@mail.example: no", "[hidden]: no"],
    ["(a&b@mail.example)", "([hidden])"],
    ["erik#1@mail.example.", "[hidden]."],
    ["to=erik%40mail.example&n=1", "[hidden]&n=1"],
    ["erik%40k%C3%B6ln.example", "[hidden]"],
    ["收件人：anna@köln.example，已发送", "收件人：[hidden]，已发送"],
    ["https://carrier.example/send?to=erik@mail.example: 500", "https://carrier.example[hidden]: 500"],
    ["mysql://chepiao:secret@db.internal:3306", "mysql://chepiao:[hidden]:3306"],
  ] as const)
    expect(scrubText(text)).toBe(shown);
});

test("a text made to be slow to look through is not", () => {
  const began = performance.now();
  for (const part of ["a", "a@", "%40", "%401.1", "a@1.", "%40%41", "://a", "://a@", "://a/", "a-", "a@b.%40", "@%41"])
    scrubText(`@${part.repeat(100_000)}`);
  // Tenths of a second; were any of them quadratic it would be minutes.
  expect(performance.now() - began).toBeLessThan(20_000);
});

test("anything can be logged: circles, depth and strange values end somewhere", () => {
  const circle: Record<string, unknown> = { big: 1n, call: () => 1, at: new Date(0) };
  circle["self"] = circle;
  expect(() => logged({ service: "x", message: "m", details: circle, error: circle })).not.toThrow();
  fc.assert(
    fc.property(
      fc.anything(),
      (value) => void logged({ service: "x", message: "m", details: { value }, error: value }),
    ),
  );
});

test("lines are gathered and handed on in order, at the latest when asked to", async () => {
  const written: string[] = [];
  const sink = createLogSink((text) => void written.push(text), 10, 20);
  sink.write("a\n");
  sink.write("b\n");
  expect(written).toEqual([]);
  sink.flush();
  sink.write("c".repeat(30));
  expect(written).toEqual(["a\nb\n", "c".repeat(30)]);
  sink.write("d\n");
  await Bun.sleep(30);
  expect(written.at(-1)).toBe("d\n");
});

test("requests are counted in buckets that add up", async () => {
  const metrics = createMetrics();
  const meter = metrics.requests("order-service", "POST", "/api/order");
  for (const seconds of [0.0001, 0.2, 0.2001, 2.9, 50]) meter.observe(202, seconds);
  meter.observe(409, 0.001);
  const text = await metrics.text();
  const value = (le: string) =>
    Number(
      new RegExp(
        `status="202",le="${le.replace("+", "\\+")}"\\} (\\d+)|le="${le.replace("+", "\\+")}",.*status="202"\\} (\\d+)`,
      )
        .exec(text)
        ?.slice(1)
        .find(Boolean),
    );
  expect(["0.0005", "0.2", "3", "10", "+Inf"].map(value)).toEqual([1, 2, 4, 4, 5]);
  expect(text).toContain(
    'http_requests_total{service="order-service",method="POST",route="/api/order",status="409"} 1',
  );
  expect(text).toContain("# TYPE http_request_duration_seconds histogram");
});

test("two doors that answer the same route count together, in one series", async () => {
  const metrics = createMetrics();
  for (const door of [1, 2]) metrics.requests("gateway-service", "GET", "(none)").observe(404, door);
  const series = (await metrics.text()).split("\n").filter((line) => line.startsWith("http_requests_total{"));
  expect(series).toEqual(['http_requests_total{service="gateway-service",method="GET",route="(none)",status="404"} 2']);
});

test("gauges are read when Prometheus asks, and forget what is gone", async () => {
  const metrics = createMetrics();
  let runs = ["G1", "G2"];
  metrics.gauge("ticket_inventory_available_seats", "Free seats.", ["run"], () =>
    runs.map((run) => ({ value: 7, labels: { run } })),
  );
  const counter = metrics.counter("reconciliation_inconsistent_count", "Differences found.");
  counter.add(2);
  metrics.histogram("message_process_delay_seconds", "Delay.", [1, 5]).observe(2);
  expect(await metrics.text()).toContain('ticket_inventory_available_seats{run="G2"} 7');
  runs = ["G1"];
  const text = await metrics.text();
  expect(text).not.toContain('run="G2"');
  expect(text).toContain("reconciliation_inconsistent_count 2");
  expect(text).toContain('message_process_delay_seconds_bucket{le="5"} 1');
  expect(text).toMatch(/process_resident_memory_bytes \d+/);
});

test("the figures of several threads are added up, and those of the process are not", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  for (const metrics of [one, other]) {
    const meter = metrics.requests("search-service", "GET", "/api/search/tickets");
    for (const seconds of [0.0001, 0.2]) meter.observe(200, seconds);
  }
  other.requests("order-service", "POST", "/api/order").observe(202, 0.001);
  one.gauge("order_event_streams", "Followers.", [], () => [{ value: 3 }]);
  one.alsoOf(async () => [structuredClone(await other.values())]);
  const text = await one.text();
  const searches = 'service="search-service",method="GET",route="/api/search/tickets",status="200"';
  expect(text).toContain(`http_requests_total{${searches}} 4`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${searches},le="0.0005"} 2`);
  expect(text).toContain(`http_request_duration_seconds_bucket{${searches},le="+Inf"} 4`);
  expect(text).toContain(
    'http_requests_total{service="order-service",method="POST",route="/api/order",status="202"} 1',
  );
  expect(text).toContain("order_event_streams 3");
  const startedAt = Number(/^process_start_time_seconds (\S+)$/m.exec(text)?.[1]);
  expect(Math.abs(startedAt * 1_000 - (Date.now() - process.uptime() * 1_000))).toBeLessThan(1_000);
});
