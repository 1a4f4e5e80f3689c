/** Every route answers as it declares, and one that does not is found out. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { auditAnswers } from "./answers.suite.ts";
import { createAnswerAudit } from "./audit.ts";
import { refusalsOf } from "./common.ts";
import { noteRoutes, serveSample, sessions } from "./sample.suite.ts";
import { refusals } from "@chepiao/contracts";

const rooms = [{ routes: noteRoutes }];
const tokenOf = (role: string) => (Object.hasOwn(sessions, role) ? role : null);

test("every route of the sample room turns away what it must", async () => {
  const { server, state } = serveSample({ strictAnswers: true });
  expect(await auditAnswers({ url: server.url, rooms, token: tokenOf })).toEqual([]);
  expect(state.changes).toBe(0);
  await server.stop();
});

test("the audit finds a server whose routes are not those it was told of", async () => {
  const { server } = serveSample();
  const other = { extra: { ...noteRoutes.get, path: "/api/note/:noteId/other" } };
  const findings = await auditAnswers({ url: server.url, rooms: [{ routes: other }], token: tokenOf });
  expect(findings.length).toBeGreaterThan(2);
  await server.stop();
});

test.each([
  ["undeclaredStatus", "status 201 is not declared"],
  ["undeclaredField", "/password"],
  ["undeclaredRefusal", "refusal SoldOut is not declared"],
])("an answer with %s is a 500 and makes the server's stop fail", async (how, message) => {
  const { server, lines } = serveSample({ strictAnswers: true });
  expect((await fetch(`${server.url}/api/note/wrong/${how}`)).status).toBe(500);
  expect(lines.join("")).toContain("AnswerMismatch");
  expect(String(await server.stop().catch((error: unknown) => error))).toContain(message);
});

test("the audit knows which declared answers nobody has asked for", async () => {
  const audit = createAnswerAudit();
  const { server } = serveSample({ strictAnswers: audit });
  await fetch(`${server.url}/api/note/5`);
  await fetch(`${server.url}/api/note/101`);
  const { answers, refusals: refused } = audit.unseen(rooms);
  expect(answers).toContain("note.write 202");
  expect(answers).not.toContain("note.get 200");
  expect(refused).toEqual(["note.write SoldOut", "note.wrong TooManyRequests"]);
  await server.stop();
});

test("whatever is thrown at a route, it answers with a status that it declares and never with a 500", async () => {
  const { server, lines } = serveSample({ strictAnswers: true });
  const specs = Object.values(noteRoutes).filter(({ path }) => !/wrong|events/.test(path));
  const declared = new Map(
    specs.map((spec) => [
      spec,
      new Set([
        ...Object.keys(spec.answers).map(Number),
        ...refusalsOf(spec).map((code) => refusals[code].http),
        404,
        405,
      ]),
    ]),
  );
  const headerText = fc.string({ maxLength: 80 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, "").trim());
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom("1", "-1", "1e9", "%", "%ff", "__proto__", "2026-02-30", "null"),
  );
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.jsonValue().map((value) => JSON.stringify({ text: "a", day: value, tags: value, phone: value })),
    fc.constantFrom("", "{", '{"text":"a"}', `"${"x".repeat(70_000)}"`),
  );
  const request = fc.record({
    spec: fc.constantFrom(...specs),
    method: fc.constantFrom("same", "same", "same", "PUT", "PATCH", "OPTIONS", "HEAD"),
    param: text,
    raw: fc.boolean(),
    query: fc.array(fc.tuple(fc.oneof(text, fc.constantFrom("limit", "day", "q", "open")), text), { maxLength: 4 }),
    body,
    headers: fc.record(
      {
        authorization: fc.oneof(headerText, fc.constantFrom("Bearer passenger", "Bearer auditor", "Bearer slow")),
        cookie: fc.oneof(headerText, fc.constant("chepiao_session=passenger")),
        "content-type": fc.oneof(headerText, fc.constant("application/json")),
        "idempotency-key": headerText,
        "accept-language": headerText,
        traceparent: headerText,
        origin: headerText,
      },
      { requiredKeys: [] },
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ spec, method, param, raw, query, body: sent, headers }) => {
      const encode = (part: string) =>
        raw ? part.replaceAll(/[^\x21-\x7e]|[#?/\\]/g, "") : encodeURIComponent(part.toWellFormed());
      const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
      // HEAD of an address is answered by its GET, which may be another route.
      const used = method === "same" || (method === "HEAD" && spec.method !== "GET") ? spec.method : method;
      const response = await fetch(
        `${server.url}${spec.path.replaceAll(/:\w+/g, () => encode(param))}${search && `?${search}`}`,
        {
          method: used,
          headers,
          ...(used === "GET" || used === "HEAD" ? {} : { body: sent }),
        },
      );
      expect([...declared.get(spec)!]).toContain(response.status);
      expect(response.status).toBeLessThan(500);
      const answer = await response.text();
      // A status that a route declares as an answer of its own is no problem.
      if (response.status >= 400 && used !== "HEAD" && !(response.status in spec.answers))
        expect(JSON.parse(answer)).toMatchObject({ status: response.status });
    }),
    { numRuns: 600 },
  );
  expect(lines.filter((line) => line.includes('"ERROR"'))).toEqual([]);
  await server.stop();
});
