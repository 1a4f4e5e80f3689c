/** The configuration of Prometheus held against itself, on a machine without Prometheus. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const read = async (file: string) => Bun.YAML.parse(await Bun.file(join(import.meta.dir, file)).text()) as object;

test("on machines and in pods the platform is watched alike, but for where its processes and Alertmanager are found", async () => {
  const [machines, pods] = await Promise.all([read("prometheus.yml"), read("kubernetes.yml")]);
  const shared = (config: object) => ({ ...config, scrape_configs: [], alerting: {} });
  expect(shared(pods)).toEqual(shared(machines));
  expect(pods).toMatchObject({
    alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] },
    scrape_configs: [
      {
        job_name: "chepiao",
        relabel_configs: [
          {
            source_labels: ["__meta_kubernetes_pod_label_app_kubernetes_io_part_of"],
            regex: "chepiao",
            action: "keep",
          },
          { source_labels: ["__meta_kubernetes_pod_container_port_name"], regex: "inside", action: "keep" },
          {},
          {},
        ],
      },
    ],
  });
  expect(machines).toMatchObject({
    alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:9093"] }] }] },
    scrape_configs: [{ job_name: "chepiao" }],
  });
});
