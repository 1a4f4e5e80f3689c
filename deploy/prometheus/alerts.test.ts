/** Alerts held to their pages, to their own tests, and to the roles that there are. What Prometheus makes of them: alerts.test.yml. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { roles } from "../../apps/server/roles.ts";
import { folder, readRules, readYaml } from "../testing/rules.ts";

const { alerts } = await readRules();
const names = alerts.map(({ alert }) => alert);
const page = "docs/operations/alerts.md";

/** By heading: how many points there are. */
async function sectionsOf(path: string): Promise<ReadonlyMap<string, number>> {
  const [, ...parts] = (await Bun.file(join(folder, "../..", path)).text()).split(/^## /m);
  return new Map(parts.map((part) => [part.split("\n")[0]!, [...part.matchAll(/^- \*\*/gm)].length]));
}

test("each alert says how bad it is, in a sentence and in two, and leads to its section", () => {
  expect(names.length).toBeGreaterThan(20);
  expect(new Set(names).size).toBe(names.length);
  for (const { alert, labels, annotations } of alerts) {
    expect({ alert, severity: labels["severity"] }).toEqual({
      alert,
      severity: expect.stringMatching(/^(critical|warning)$/) as string,
    });
    expect(Object.keys(annotations)).toEqual(["summary", "description", "runbook"]);
    expect(annotations["summary"]).toMatch(/\S/);
    expect(annotations["description"]).toMatch(/\S.*\.$/);
    expect(annotations["runbook"]).toBe(`${page}#${alert.toLowerCase()}`);
  }
});

test.each([page, "docs/operations/zh/alerts.md"])(
  "%s says of each alert what it means, what to look at, what to do, and what people notice",
  async (path) => {
    const sections = await sectionsOf(path);
    expect([...sections].filter(([name]) => names.includes(name))).toEqual(names.map((name) => [name, 4]));
  },
);

type Cases = {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
};

test("each alert is shown firing and silent", async () => {
  const files = await Promise.all(["alerts.test.yml", "objective.test.yml"].map((file) => readYaml<Cases>(file)));
  const cases = files.flatMap(({ tests }) => tests.flatMap(({ alert_rule_test: each }) => each));
  const shown = (isFiring: boolean) =>
    new Set(cases.filter((each) => each.exp_alerts.length > 0 === isFiring).map(({ alertname }) => alertname));
  const all = new Set(names);
  expect({ firing: all.difference(shown(true)), silent: all.difference(shown(false)) }).toEqual({
    firing: new Set(),
    silent: new Set(),
  });
});

test("what keeps others silent, and what it keeps silent, is there", async () => {
  const { inhibit_rules } = await readYaml<{
    readonly inhibit_rules: readonly {
      readonly source_matchers: readonly string[];
      readonly target_matchers: readonly string[];
    }[];
  }>("alertmanager.yml");
  const matchers = inhibit_rules.flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers]);
  expect(matchers.length).toBeGreaterThan(10);
  for (const matcher of matchers) {
    const [, label, value] = /^(alertname|role) =~? "?([^"]+)"?$/.exec(matcher)!;
    const known = label === "role" ? roles : names;
    for (const each of value!.split("|")) {
      expect({ each, known: known.some((name) => new RegExp(`^(?:${each})$`).test(name)) }).toEqual({
        each,
        known: true,
      });
    }
  }
});
