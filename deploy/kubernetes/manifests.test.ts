/** What the manifests for Kubernetes promise: each role is there, told what it needs, given its own keys alone, and reached by those that ask it. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "@chepiao/kernel";
import { YAML } from "bun";
import { readConfig } from "../../apps/server/config.ts";
import { holdAgainstList } from "../../apps/server/goingLive.ts";
import { assertSaid } from "../../apps/server/requirements.ts";
import { roles, roleTable } from "../../apps/server/roles.ts";

type Env = { readonly name: string; readonly value?: string };
type Volume = { readonly name: string; readonly secret?: { readonly secretName: string } };
type Selector = { readonly matchLabels?: Record<string, string>; readonly matchExpressions?: { values: string[] }[] };
type Peer = { readonly podSelector?: Selector; readonly namespaceSelector?: Selector };
type Rule = { readonly from?: Peer[]; readonly to?: Peer[]; readonly ports?: { port: string | number }[] };
type Manifest = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly value?: number;
  readonly spec: {
    readonly replicas?: number;
    readonly podSelector?: Selector;
    readonly ingress?: Rule[];
    readonly egress?: Rule[];
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly template?: {
      readonly spec: {
        readonly priorityClassName?: string;
        readonly containers: { readonly env: Env[]; readonly ports: { name: string; containerPort: number }[] }[];
        readonly volumes: Volume[];
      };
    };
  };
};

const folder = import.meta.dir;
const text = (path: string) => readFileSync(join(folder, path), "utf8");
const manifests = (path: string) => [YAML.parse(text(path))].flat() as Manifest[];
const component = "app.kubernetes.io/component";

const ofRole = new Map(roles.map((role) => [role, manifests(`base/roles/${role}.yaml`)]));
const policies = manifests("base/network.yaml");
const settings = Object.fromEntries(
  text("base/settings.env")
    .trim()
    .split("\n")
    .map((line) => line.split(/=(.*)/s) as [string, string]),
);

function workload(role: string) {
  const found = ofRole.get(role)!.find(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  const pod = found?.spec.template?.spec;
  assert(found !== undefined && pod !== undefined, `${role} has a workload`);
  const container = pod.containers[0]!;
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value ?? ""]));
  return { ...found, pod, container, env };
}

test("every role is a workload of its own, and no file is left of one that is gone", () => {
  expect(readdirSync(join(folder, "base/roles")).sort()).toEqual(roles.map((role) => `${role}.yaml`).sort());
  const { resources } = YAML.parse(text("base/kustomization.yaml")) as { resources: string[] };
  for (const role of roles) {
    expect(resources).toContain(`roles/${role}.yaml`);
    expect([role, workload(role).env["CHEPIAO_ROLES"]]).toEqual([role, role]);
    expect(ofRole.get(role)!.map(({ metadata }) => metadata.name)).toEqual(ofRole.get(role)!.map(() => role));
  }
});

test("each has the file of its own keys and no other, and the passwords of those engines that it needs", () => {
  for (const role of roles) {
    const { pod, env } = workload(role);
    const secrets = pod.volumes.flatMap(({ secret }) => (secret ? [secret.secretName] : []));
    expect(secrets.filter((name) => name.startsWith("keys-"))).toEqual([`keys-${role}`]);
    expect(secrets.includes("binlogs")).toBe(role === "cdc");
    const { needs } = roleTable.spec(role);
    expect([role, "MYSQL_URL_FILE" in env]).toEqual([role, needs.includes("mysql")]);
    expect([role, "REDIS_PASSWORD_FILE" in env]).toEqual([role, needs.includes("redis")]);
  }
});

test("whoever is asked has a service; all but the practice bank may be moved one at a time", () => {
  for (const role of roles) {
    const kinds = ofRole.get(role)!.map(({ kind }) => kind);
    expect([role, kinds.includes("Service")]).toEqual([role, roleTable.isAsked(role)]);
    expect([role, kinds.includes("PodDisruptionBudget")]).toEqual([role, role !== "bank"]);
    expect([role, workload(role).spec.replicas]).toEqual([role, role === "bank" ? 1 : 2]);
  }
});

test("each role is told all that it needs, and the list for going live refuses nothing of it", () => {
  for (const role of roles) {
    const { env } = workload(role);
    const said = Object.entries({ ...settings, ...env }).filter(([key]) => !key.endsWith("_FILE"));
    const config = readConfig({
      ...Object.fromEntries(said),
      PRACTICE_BANK: "1",
      MYSQL_URL: "mysqls://chepiao:0f0f@mariadb.engines:3306/chepiao",
      ...(role === "cdc" ? { MYSQL_BINLOGS: "mysqls://binlog:0f0f@mariadb.engines:3306/chepiao" } : {}),
      REDIS_PASSWORD: "0f0f",
    });
    expect(() => assertSaid({ ...config, keysFile: import.meta.path })).not.toThrow();
    const refused = holdAgainstList({ config, isRoot: false, hasForeignKeys: false });
    expect([role, refused.filter(({ verdict }) => verdict === "refused")]).toEqual([role, []]);
  }
});

const rolesOf = (selector: Selector | undefined): readonly string[] => [
  ...(selector?.matchLabels?.[component] ? [selector.matchLabels[component]] : []),
  ...(selector?.matchExpressions ?? []).flatMap(({ values }) => values),
];

/** Pairs "a → b" that some policy lets through at that port, as the side that is reached or the one that goes says it. */
function ways(side: "ingress" | "egress", port: string): string[] {
  return policies.flatMap(({ spec }) =>
    (spec[side] ?? [])
      .filter(({ ports }) => ports?.some((each) => each.port === port))
      .flatMap(({ from, to }) => (from ?? to ?? []).flatMap(({ podSelector }) => rolesOf(podSelector)))
      .flatMap((peer) =>
        rolesOf(spec.podSelector).map((own) => (side === "egress" ? `${own} → ${peer}` : `${peer} → ${own}`)),
      ),
  );
}

test("who asks whom is let through from both sides, and nobody else", () => {
  const asked = roles.flatMap((role) => roleTable.askedElsewhere([role]).map((other) => `${role} → ${other}`));
  expect(ways("ingress", "inside").sort()).toEqual([...asked].sort());
  expect(ways("egress", "inside").sort()).toEqual([...asked].sort());
});

test("the public reaches the gateway's public port alone, and only the practice bank goes there from within", () => {
  expect(ways("ingress", "public")).toEqual(["bank → gateway"]);
  expect(ways("egress", "public")).toEqual(["bank → gateway"]);
  const fromPublic = policies.filter(({ spec }) =>
    spec.ingress?.some(
      ({ from, ports }) => from?.some((peer) => peer.namespaceSelector) && ports?.some(({ port }) => port === "public"),
    ),
  );
  expect(fromPublic.flatMap(({ spec }) => rolesOf(spec.podSelector))).toEqual(["gateway"]);
  const open = roles.filter((role) => workload(role).container.ports.some(({ name }) => name === "public"));
  expect(open).toEqual(["gateway"]);
});

test("what nobody has allowed is dropped, both ways, and roles without engines do not reach them", () => {
  const [first] = policies;
  expect(first!.spec).toEqual({
    podSelector: { matchLabels: { "app.kubernetes.io/part-of": "chepiao" } },
    policyTypes: ["Ingress", "Egress"],
  } as never);
  const toEngines = policies.find(({ metadata }) => metadata.name === "engines")!;
  const withoutEngines = roles.filter((role) => roleTable.spec(role).needs.length === 0);
  expect(rolesOf(toEngines.spec.podSelector)).toEqual(withoutEngines);
});

test("roles that are given an address outside reach it: who proves documents, and who reads what becomes of trains", () => {
  const outside = policies.find(({ metadata }) => metadata.name === "outside")!;
  // `user` asks IDENTITY_VERIFIER_URL, and `sweeper`, which has trainMessages' work, GTFS_RT_URL.
  expect(rolesOf(outside.spec.podSelector)).toEqual(["user", "sweeper"]);
  expect(roleTable.spec("sweeper").rooms["trainMessages"]).toContain("work");
  expect(roleTable.spec("user").rooms["user"]).toContain("calls");
});

test("with a mail server those who send mails reach it, and are told its address in a file and whom mails are from", () => {
  const mail = policies.find(({ metadata }) => metadata.name === "mail")!;
  expect(rolesOf(mail.spec.podSelector)).toEqual(["user", "notification"]);
  const { patches } = YAML.parse(text("mail/kustomization.yaml")) as {
    patches: { target: { name: string }; patch: string }[];
  };
  expect(patches.map(({ target }) => target.name)).toEqual(["user|notification"]);
  const { spec } = YAML.parse(patches[0]!.patch) as Manifest;
  const [container] = spec.template!.spec.containers;
  expect(container!.env.map(({ name }) => name)).toEqual(["SMTP_URL_FILE", "MAIL_FROM"]);
  expect(spec.template!.spec.volumes.map(({ secret }) => secret!.secretName)).toEqual(["mail"]);
  expect(text("secrets.sh")).toContain('print secret generic mail --from-file="$folder/smtp-url"');
});

test("each role has a class that says who makes room for whom, and none stands unused", () => {
  const classes = manifests("base/priorities.yaml").map(({ metadata }) => metadata.name);
  const used = new Set(roles.map((role) => workload(role).pod.priorityClassName!));
  expect([...used].sort()).toEqual([...classes].sort());
  for (const role of ["gateway", "user", "order", "inventory", "payment", "writer"])
    expect(workload(role).pod.priorityClassName).toBe("chepiao-sale");
});

test("openings never ask for more than the autoscalers allow, and leave behind what is usual", () => {
  const usual = new Map(manifests("scaling/autoscalers.yaml").map((each) => [each.metadata.name, each.spec]));
  const [before, after] = ["before", "after"].map((when) => manifests(`overlays/festival/least-${when}.yaml`));
  expect(before!.map(({ metadata }) => metadata.name)).toEqual(after!.map(({ metadata }) => metadata.name));
  for (const { metadata, spec } of before!) {
    expect(spec.minReplicas).toBeGreaterThan(usual.get(metadata.name)!.minReplicas!);
    expect(spec.minReplicas).toBeLessThanOrEqual(usual.get(metadata.name)!.maxReplicas!);
  }
  for (const { metadata, spec } of after!) expect(spec.minReplicas).toBe(usual.get(metadata.name)!.minReplicas);
  // More writers than the log has parts would have nothing to do.
  expect(usual.get("writer")!.maxReplicas).toBeLessThanOrEqual(readConfig({}).kafkaPartitions);
});
