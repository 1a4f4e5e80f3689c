/** A real Prometheus that looks at a platform, and a real Alertmanager that tells of what becomes of it. */
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, freePort, startServer } from "../../apps/server/testing/world.ts";
import { areMissing } from "../testing/programs.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const limitMs = 100_000;

// because a machine on which nobody may install them has no Prometheus and no Alertmanager.
const programsTest = test.skipIf(areMissing("prometheus", "prometheus-alertmanager"));

programsTest(
  "a platform that dies is seen by Prometheus, and Alertmanager calls whoever is to know",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "chepiao-alerting-"));
    cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(import.meta.dir, folder, { recursive: true });
    const alter = (file: string, ...changes: readonly (readonly [string, string])[]) => {
      const text = readFileSync(join(folder, file), "utf8");
      for (const [from] of changes) expect(text).toContain(from);
      writeFileSync(
        join(folder, file),
        changes.reduce((sum, [from, to]) => sum.replaceAll(from, to), text),
      );
    };

    const told: Told[] = [];
    const receiver = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        told.push({ at: new URL(request.url).pathname, ...((await request.json()) as Omit<Told, "at">) });
        return new Response();
      },
    });
    cleanUp.defer(() => receiver.stop(true));

    const [metricsPort, alertmanagerPort, prometheusPort] = [freePort(), freePort(), freePort()];
    // As shipped, but for addresses, and with seconds for minutes.
    alter("prometheus.yml", ["15s", "1s"], ["127.0.0.1:9093", `127.0.0.1:${alertmanagerPort}`]);
    alter("alerts.yml", ["for: 1m", "for: 1s"]);
    alter("alertmanager.yml", ["group_wait: 10s", "group_wait: 1s"], ["127.0.0.1:9095", `127.0.0.1:${receiver.port}`]);
    writeFileSync(join(folder, "targets/chepiao.yml"), `- targets: [127.0.0.1:${metricsPort}]\n`);

    const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
    const world = await createWorld({
      userCount: 1,
      passengersPerUser: 1,
      trainCount: 1,
      stationCount: 2,
      composition,
    });
    cleanUp.defer(world.remove);
    const platform = await startServer(world, freePort(), { METRICS_PORT: String(metricsPort) });
    cleanUp.defer(platform.kill);
    start([
      "prometheus-alertmanager",
      `--config.file=${folder}/alertmanager.yml`,
      `--storage.path=${folder}/alertmanager`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      "--cluster.listen-address=",
    ]);
    start([
      "prometheus",
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/prometheus`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ]);
    const ask = <T>(path: string) => answerOf<T>(`http://127.0.0.1:${prometheusPort}/api/v1/${path}`);

    // While it lives: Prometheus has evaluated every rule, and no alert is on its way.
    await until(async () => (await ask<Result>("query?query=role_ready==1"))?.data.result.length);
    const rules = await until(async () => {
      const all = (await ask<Rules>("rules"))?.data.groups.flatMap((group) => group.rules);
      return all?.every(({ health }) => health !== "unknown") && all;
    });
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
    expect(told).toEqual([]);

    await platform.kill();
    const heard = (at: string, alertname: string) =>
      until(() =>
        told
          .filter((each) => each.at === at)
          .flatMap(({ alerts }) => alerts.filter(named(alertname)))
          .at(0),
      );
    expect(await heard("/critical", "RoleGone")).toMatchObject({
      status: "firing",
      annotations: { runbook: "docs/operations/alerts.md#rolegone" },
    });
    expect(await heard("/warning", "ProcessDown")).toMatchObject({
      status: "firing",
      labels: { instance: `127.0.0.1:${metricsPort}` },
    });
  },
  limitMs,
);

type Alert = { readonly status: string; readonly labels: Readonly<Record<string, string>> };
type Told = { readonly at: string; readonly alerts: readonly Alert[] };
type Result = { readonly data: { readonly result: readonly unknown[] } };
type Rules = {
  readonly data: { readonly groups: readonly { readonly rules: readonly { readonly health: string }[] }[] };
};

const named =
  (alertname: string) =>
  ({ labels }: Alert) =>
    labels["alertname"] === alertname;

function start(command: readonly string[]) {
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "ignore" });
  cleanUp.defer(async () => {
    child.kill();
    await child.exited;
  });
}

async function answerOf<T>(url: string): Promise<T | null> {
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? ((await answer.json()) as T) : null;
}

/** The first answer that is one. */
async function until<T>(answer: () => T | Promise<T>): Promise<NonNullable<Exclude<T, false | 0>>> {
  for (;;) {
    const found = await answer();
    if (found) return found as NonNullable<Exclude<T, false | 0>>;
    await Bun.sleep(100);
  }
}
