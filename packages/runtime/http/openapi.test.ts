/** The description of the API: complete, well formed, and the same as what is done. */
import { afterAll, expect, test } from "bun:test";
import * as contracts from "@chepiao/contracts";
import { docsPage } from "./docs.ts";
import { openApiDocument, openApiPath } from "./openapi.ts";
import { refusalsOf } from "./common.ts";
import { noteRoutes, serveSample } from "./sample.suite.ts";

const { userRoutes, searchRoutes, timetableRoutes, orderRoutes, paymentRoutes } = contracts;
const rooms = [userRoutes, searchRoutes, timetableRoutes, orderRoutes, paymentRoutes];
const routes = rooms.flatMap((room) => Object.entries<contracts.RouteSpec>(room));

type Json = { readonly [key: string]: unknown };
type Parameter = { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: unknown };
type Operation = {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Json }>>;
  readonly security: readonly unknown[];
};
type Document = {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Json>>>>;
};

const document = openApiDocument(rooms) as unknown as Document;
const sample = serveSample();
afterAll(() => sample.server.stop());

test("every declared route is an operation with its parameters, body, answers and refusals", () => {
  for (const [name, spec] of routes) {
    const operation = document.paths[openApiPath(spec.path)]?.[spec.method.toLowerCase()];
    expect(operation?.operationId).toBe(`${spec.room}.${name}`);
    const statuses = new Set([
      ...Object.keys(spec.answers),
      ...("tagged" in spec ? ["304"] : []),
      ...refusalsOf(spec).map((code) => String(contracts.refusals[code].http)),
    ]);
    expect(new Set(Object.keys(operation!.responses))).toEqual(statuses);
    for (const code of spec.refusals) {
      expect(operation!.responses[contracts.refusals[code].http]!.description).toContain(`\`${code}\``);
    }
    expect(operation!.requestBody !== undefined).toBe(spec.body !== undefined);
    expect(operation!.security.length > 0).toBe(spec.who !== "anyone");
    expect(operation!.parameters?.some((each) => each.name === "Idempotency-Key") ?? false).toBe(
      spec.idempotent ?? false,
    );
  }
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(operations.length).toBe(routes.length);
});

test("the document is well formed: names once, path parameters as in the path, every reference leads somewhere", () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (const [path, methods] of Object.entries(document.paths)) {
    expect(path).not.toContain(":");
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    for (const operation of Object.values(methods)) {
      const declared = (operation.parameters ?? []).filter((each) => each.in === "path");
      expect(declared.map(({ name }) => name).sort()).toEqual(inPath.sort());
      expect(declared.every(({ required }) => required)).toBe(true);
      for (const response of Object.values(operation.responses)) expect(response.description).not.toBe("");
    }
  }
  for (const reference of referencesIn(document)) {
    const [root, part, kind, name] = reference.split("/");
    expect([root, part]).toEqual(["#", "components"]);
    expect(document.components[kind!]?.[name!]).toBeDefined();
  }
  for (const name of Object.keys(document.components["schemas"]!)) expect(name).toMatch(/^[A-Za-z]\w*$/);
});

function* referencesIn(node: unknown): Generator<string> {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === "$ref") yield String(value);
    else yield* referencesIn(value);
  }
}

test("a schema that contracts export is a component, and refers to the others by name", () => {
  const { Order, Problem, SeatClass } = document.components["schemas"]!;
  expect(SeatClass).toMatchObject({ type: "string", enum: [...contracts.seatClasses] });
  expect(Order).toMatchObject({ properties: { seatClass: { $ref: "#/components/schemas/SeatClass" } } });
  expect(Problem).toMatchObject({ type: "object" });
});

test("every refusal has an example with both its texts", () => {
  const { examples } = document.components;
  for (const code of new Set(routes.flatMap(([, spec]) => refusalsOf(spec)))) {
    const { say, http } = contracts.refusals[code];
    expect(examples![code]).toMatchObject({ value: { code, status: http, title: say.en } });
    expect(String(examples![code]!["summary"])).toContain(say.zh);
  }
});

test("it is served with an ETag that spares sending it twice", async () => {
  const first = await fetch(`${sample.server.url}/api/openapi.json`);
  expect(first.headers.get("content-type")).toBe("application/json");
  expect(await first.json()).toMatchObject({ openapi: "3.1.1", paths: { "/api/note/{noteId}": {} } });
  const headers = { "if-none-match": `"other", W/${first.headers.get("etag")!}` };
  const second = await fetch(`${sample.server.url}/api/openapi.json`, { headers });
  expect([second.status, await second.text()]).toEqual([304, ""]);
});

test("the page shows every route and every refusal, has no script and asks nothing of other servers", async () => {
  const page = docsPage(rooms);
  for (const [name, spec] of routes) expect(page).toContain(`id="${spec.room}.${name}"`);
  for (const [, spec] of routes) for (const code of refusalsOf(spec)) expect(page).toContain(`<tr id="${code}">`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
  const served = await fetch(`${sample.server.url}/api/docs`);
  expect(served.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(served.headers.get("content-security-policy")).not.toContain("script");
});

test("a body that is taken raw is bytes of any type, and a status that is also a refusal's tells of both", () => {
  const { copy } = noteRoutes;
  const { paths } = openApiDocument([{ copy }]) as unknown as Document;
  const { requestBody, responses } = paths["/api/note/copy"]!["post"]!;
  expect(requestBody).toEqual({ required: true, content: { "*/*": {} } });
  expect(Object.keys(responses[400]!.content!).toSorted()).toEqual(["*/*", "application/problem+json"]);
  expect(responses[400]!.description).toStartWith("There were none.");
  expect(responses[400]!.description).toContain("`MalformedRequest`");
  expect(refusalsOf(copy)).toContain("BodyTooLarge");
  expect(refusalsOf(copy)).not.toContain("UnsupportedMediaType");
  expect(docsPage([{ copy }])).toContain("Bytes of any type");
});

test("what a description says in angle brackets stays text", () => {
  const spec = contracts.route({
    method: "GET",
    path: "/x",
    summary: '<b>"&',
    room: "x",
    who: "anyone",
    answers: { 204: { description: "<i>" } },
    refusals: [],
  });
  expect(docsPage([{ x: spec }])).not.toMatch(/<b>|<i>/);
});
