/** The configuration of Prometheus and what the platform tells it, read by Prometheus' own tools. */
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, freePort, startServer } from "../../apps/server/testing/world.ts";
import { areMissing, run } from "../testing/programs.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const at = (file: string) => join(import.meta.dir, file);

// because a machine on which nobody may install Prometheus has no promtool.
const promtoolTest = test.skipIf(areMissing("promtool"));
// because the same holds of Alertmanager.
const amtoolTest = test.skipIf(areMissing("amtool"));

promtoolTest("Prometheus reads its configuration for machines", async () => {
  expect(await run(["promtool", "check", "config", at("prometheus.yml")])).toMatchObject({ code: 0 });
});

promtoolTest("Prometheus reads its configuration for pods", async () => {
  expect(await run(["promtool", "check", "config", await withoutPods("kubernetes.yml")])).toMatchObject({ code: 0 });
});

/** Debian builds Prometheus without the discovery of pods: another stands in its place, and all the rest is read as it is. */
async function withoutPods(file: string): Promise<string> {
  const text = await Bun.file(at(file)).text();
  const discovery = /kubernetes_sd_configs:\n {6}- role: pod\n {8}namespaces: \{ own_namespace: true \}/;
  expect(text).toMatch(discovery);
  const folder = mkdtempSync(join(tmpdir(), "chepiao-prometheus-"));
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(import.meta.dir, folder, { recursive: true });
  writeFileSync(join(folder, file), text.replace(discovery, "file_sd_configs: [{ files: [targets/*.yml] }]"));
  return join(folder, file);
}

promtoolTest("each alert fires when it should and is silent when it should be", async () => {
  const files = ["alerts.test.yml", "objective.test.yml"].map(at);
  const ran = await Promise.all(files.map((file) => run(["promtool", "test", "rules", file])));
  expect(ran.map(({ code, said }) => (code === 0 ? "SUCCESS" : said))).toEqual(["SUCCESS", "SUCCESS"]);
});

amtoolTest("Alertmanager reads its configuration, and sends what is critical to the pager", async () => {
  const config = at("alertmanager.yml");
  expect(await run(["amtool", "check-config", config])).toMatchObject({ code: 0 });
  const receiverOf = async (severity: string) => {
    const { said } = await run([
      "amtool",
      "config",
      "routes",
      "test",
      `--config.file=${config}`,
      `severity=${severity}`,
    ]);
    return said.split("\n")[0];
  };
  expect([await receiverOf("critical"), await receiverOf("warning")]).toEqual(["pager", "team"]);
});

promtoolTest("what a platform tells of itself is named as Prometheus wants it", async () => {
  const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 2, composition });
  cleanUp.defer(world.remove);
  const metricsPort = freePort();
  const server = await startServer(world, freePort(), { METRICS_PORT: String(metricsPort) });
  cleanUp.defer(async () => void (await server.stop()));
  const page = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(page).toContain("\nlocal_message_pending 0\n");
  expect(await run(["promtool", "check", "metrics"], page)).toEqual({ code: 0, said: "" });
});
