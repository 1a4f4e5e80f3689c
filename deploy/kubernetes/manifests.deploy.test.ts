/** The manifests, by the programs that operators apply them with: kubectl renders them, and the published schemas of Kubernetes take each. */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YAML } from "bun";
import { roles } from "../../apps/server/roles.ts";
import { areMissing, run } from "../testing/programs.ts";

type Manifest = { readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string } };

const folder = import.meta.dir;
const overlays = readdirSync(join(folder, "overlays"));
const isAway = areMissing("kubectl", "kubernetes-validate");

async function said(...command: readonly string[]): Promise<string> {
  const ran = await run(command);
  if (ran.code !== 0) throw new Error(`${command.join(" ")}: ${ran.said}`);
  return ran.said;
}

const rendered = (overlay: string) => said("kubectl", "kustomize", join(folder, "overlays", overlay));
const manifests = (text: string) => ([YAML.parse(text)].flat() as (Manifest | null)[]).filter((each) => each !== null);

// because where the programs cannot be had there is nothing to ask; programs.ts says which they are.
test.skipIf(isAway)("every overlay renders, and each manifest of it is one that Kubernetes takes", async () => {
  const work = mkdtempSync(join(tmpdir(), "chepiao-kubernetes-"));
  try {
    for (const overlay of overlays) {
      const file = join(work, `${overlay}.yaml`);
      writeFileSync(file, await rendered(overlay));
      await said("kubernetes-validate", "--strict", "--kubernetes-version", "1.34", file);
    }
    // A word that nobody knows is named, so silence says something.
    const wrong = join(work, "wrong.yaml");
    writeFileSync(wrong, (await rendered("small")).replace("runAsNonRoot", "runAsNobody"));
    expect(said("kubernetes-validate", "--strict", wrong)).rejects.toThrow("runAsNobody");
  } finally {
    rmSync(work, { recursive: true });
  }
});

// because where the programs cannot be had there is nothing to ask; programs.ts says which they are.
test.skipIf(isAway)("each overlay has every role in the namespace that refuses what may do too much", async () => {
  for (const overlay of overlays) {
    const all = manifests(await rendered(overlay));
    const workloads = all.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
    expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual([...roles].sort());
    for (const workload of workloads) {
      const text = JSON.stringify(workload);
      for (const promise of [
        '"runAsNonRoot":true',
        '"readOnlyRootFilesystem":true',
        '"allowPrivilegeEscalation":false',
        '"drop":["ALL"]',
        '"automountServiceAccountToken":false',
        '"type":"RuntimeDefault"',
        '"path":"/readyz"',
      ])
        expect([workload.metadata.name, promise, text.includes(promise)]).toEqual([
          workload.metadata.name,
          promise,
          true,
        ]);
    }
    const apart = new Set(["Namespace", "PriorityClass"]);
    for (const { kind, metadata } of all)
      if (!apart.has(kind)) expect([kind, metadata.name, metadata.namespace]).toEqual([kind, metadata.name, "chepiao"]);
  }
});

// because where the programs cannot be had there is nothing to ask; programs.ts says which they are.
test.skipIf(isAway)("where an autoscaler counts, no manifest says how many", async () => {
  for (const overlay of ["peak", "festival"]) {
    const all = manifests(await rendered(overlay)) as (Manifest & { spec?: { replicas?: number } })[];
    const scaled = all.filter(({ kind }) => kind === "HorizontalPodAutoscaler").map(({ metadata }) => metadata.name);
    expect(scaled.length).toBeGreaterThan(5);
    for (const { kind, metadata, spec } of all)
      if (kind === "Deployment")
        expect([metadata.name, spec?.replicas === undefined]).toEqual([metadata.name, scaled.includes(metadata.name)]);
  }
});

// because where the programs cannot be had there is nothing to ask; programs.ts says which they are.
test.skipIf(isAway)(
  "with a verifier of documents the user role is told its address and its key, and no other role the key",
  async () => {
    const work = mkdtempSync(join(folder, "overlays-"));
    try {
      const own = ["resources: [../overlays/small]", "components: [../verifier]"].join("\n");
      writeFileSync(join(work, "kustomization.yaml"), own);
      const text = await said("kubectl", "kustomize", work);
      expect(text).toContain("IDENTITY_VERIFIER_URL: https://verifier.example/verify");
      expect(text.match(/IDENTITY_VERIFIER_KEY_FILE/g)).toHaveLength(1);
      expect(text.match(/secretName: verifier/g)).toHaveLength(1);
    } finally {
      rmSync(work, { recursive: true });
    }
  },
);

// because where the programs cannot be had there is nothing to ask; programs.ts says which they are.
test.skipIf(isAway)("with a mail server those who send mails are told its address, and nobody else", async () => {
  const [work, files] = [mkdtempSync(join(folder, "overlays-")), mkdtempSync(join(tmpdir(), "chepiao-secrets-"))];
  try {
    const own = ["resources: [../overlays/small]", "components: [../mail]"].join("\n");
    writeFileSync(join(work, "kustomization.yaml"), own);
    const text = await said("kubectl", "kustomize", work);
    const file = join(work, "rendered.yaml");
    writeFileSync(file, text);
    await said("kubernetes-validate", "--strict", "--kubernetes-version", "1.34", file);
    const all = manifests(text);
    const told = all.filter((each) => JSON.stringify(each).includes("SMTP_URL_FILE"));
    expect(told.map(({ metadata }) => metadata.name).sort()).toEqual(["notification", "user"]);
    for (const each of told) {
      expect(JSON.stringify(each)).toContain('"name":"MAIL_FROM"');
      expect(JSON.stringify(each)).toContain('"secretName":"mail"');
    }
    for (const name of ["keys.user.json", "mysql-url", "mysql-binlogs", "redis-password", "engines-ca.pem", "smtp-url"])
      writeFileSync(join(files, name), name);
    const printed = manifests(await said(join(folder, "secrets.sh"), files));
    expect(printed.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain("Secret mail");
  } finally {
    for (const each of [work, files]) rmSync(each, { recursive: true });
  }
});

// because where the programs cannot be had there is nothing to ask; programs.ts says which they are.
test.skipIf(isAway)("secrets.sh prints all that the manifests mount, and says what is missing", async () => {
  const files = mkdtempSync(join(tmpdir(), "chepiao-secrets-"));
  const script = join(folder, "secrets.sh");
  try {
    expect(said(script, files)).rejects.toThrow("keys.ROLE.json");
    for (const name of [
      ...roles.map((role) => `keys.${role}.json`),
      "mysql-url",
      "mysql-binlogs",
      "redis-password",
      "engines-ca.pem",
    ])
      writeFileSync(join(files, name), name);
    const printed = manifests(await said(script, files)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const mounted = new Set(
      [...(await rendered("peak")).matchAll(/secretName: (keys-\S+|engines|binlogs)$/gm)].map(
        ([, name]) => `Secret ${name}`,
      ),
    );
    expect(printed.sort()).toEqual([...mounted, "ConfigMap engines-ca"].sort());
  } finally {
    rmSync(files, { recursive: true });
  }
});
