/** The rules of deploy/prometheus as tests read them. */
import { join } from "node:path";

export type Alert = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};
type Recorded = { readonly record: string; readonly expr: string };
type Rules = { readonly groups: readonly { readonly rules: readonly (Alert | Recorded)[] }[] };

export const folder = join(import.meta.dir, "../prometheus");

export async function readYaml<T>(file: string): Promise<T> {
  return Bun.YAML.parse(await Bun.file(join(folder, file)).text()) as T;
}

export async function readRules(): Promise<{
  readonly alerts: readonly Alert[];
  readonly recorded: readonly Recorded[];
}> {
  const files = await Promise.all(["rules.yml", "alerts.yml"].map((file) => readYaml<Rules>(file)));
  const all = files.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
  return {
    alerts: all.filter((rule) => "alert" in rule),
    recorded: all.filter((rule) => "record" in rule),
  };
}
