/**
 * A fleet that speaks TLS alone (`up --tls`): an authority of its own, a certificate for its servers and one for its clients, made by
 * openssl when they are first needed. Whether the fleet does so is kept in its folder, because other commands start its servers, too.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { debian, programPath } from "./provision.ts";
import { folder } from "./settings.ts";

const place = join(folder, "tls");
const inUse = join(folder, "speaks-tls");
const file = (name: string) => join(place, name);

export const tlsFiles = {
  ca: file("ca.pem"),
  serverCert: file("server.pem"),
  serverKey: file("server.key"),
  /** Certificate and key in one, as Kafka wants them. */
  serverBoth: file("server.both.pem"),
  clientCert: file("client.pem"),
  clientKey: file("client.key"),
  /** The authority as the JVM reads it. */
  trustStore: file("ca.p12"),
  /** An authority that nobody here was certified by, and a certificate of ours for another name: for tests of what is refused. */
  strangerCa: file("stranger.pem"),
  elsewhereCert: file("elsewhere.pem"),
} as const;

export const trustStorePassword = "chepiao";

let isPlain = false;
export const speaksTls = (): boolean => !isPlain && existsSync(inUse);

/** What is written for other places is plain, whatever the fleet of this clone speaks. */
export function plainly<T>(work: () => T): T {
  isPlain = true;
  try {
    return work();
  } finally {
    isPlain = false;
  }
}

/** Answers whether that is a change: what runs has to be started anew. */
export function speakTls(wanted: boolean): boolean {
  const isChange = speaksTls() !== wanted;
  mkdirSync(folder, { recursive: true });
  if (wanted) writeFileSync(inUse, "");
  else rmSync(inUse, { force: true });
  return isChange;
}

/** What a client of ours in these tools says; nothing where the fleet is plain. */
export const clientTls = () =>
  speaksTls()
    ? {
        ca: readFileSync(tlsFiles.ca, "utf8"),
        cert: readFileSync(tlsFiles.clientCert, "utf8"),
        key: readFileSync(tlsFiles.clientKey, "utf8"),
      }
    : null;

/** What an address says of it: which files a client reads. */
export const addressFiles = (): string =>
  new URLSearchParams({ ca: tlsFiles.ca, cert: tlsFiles.clientCert, key: tlsFiles.clientKey })
    .toString()
    .replaceAll("%2F", "/");

const days = 3_650;

/** Makes them where they are missing, all or none. */
export async function provideCertificates(): Promise<void> {
  if (existsSync(place)) return;
  await debian(["openssl"], ["openssl"], () => {});
  await debian(["default-jre-headless"], ["keytool"], () => {});
  const unfinished = `${place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const made = (name: string) => join(unfinished, name);
  await authority(made, "ca");
  await authority(made, "stranger");
  const ours = "DNS:localhost,IP:127.0.0.1";
  await certificate(made, "server", ours);
  await certificate(made, "client", "DNS:chepiao-client");
  await certificate(made, "elsewhere", "DNS:elsewhere.example");
  const both = ["server.key", "server.pem"].map((name) => readFileSync(made(name), "utf8"));
  writeFileSync(made("server.both.pem"), both.join(""), { mode: 0o600 });
  const store = ["-keystore", made("ca.p12"), "-storetype", "PKCS12", "-storepass", trustStorePassword];
  await ran($`${programPath("keytool")} -importcert -noprompt -alias ca -file ${made("ca.pem")} ${store}`);
  renameSync(unfinished, place);
}

type Made = (name: string) => string;
const openssl = () => programPath("openssl")!;

async function authority(made: Made, name: string): Promise<void> {
  await newKey(made, name);
  const subject = `/O=chepiao engines/CN=${name}`;
  const extensions = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
  await ran(
    $`${openssl()} req -x509 -new -key ${made(`${name}.key`)} -days ${days} -subj ${subject} ${extensions} -out ${made(`${name}.pem`)}`,
  );
}

async function certificate(made: Made, name: string, subjectAltName: string): Promise<void> {
  await newKey(made, name);
  const extensions = made(`${name}.extensions`);
  // Servers of one engine are each other's clients.
  writeFileSync(
    extensions,
    `subjectAltName=${subjectAltName}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  const request = made(`${name}.csr`);
  await ran(
    $`${openssl()} req -new -key ${made(`${name}.key`)} -subj ${`/O=chepiao engines/CN=${name}`} -out ${request}`,
  );
  await ran(
    $`${openssl()} x509 -req -in ${request} -CA ${made("ca.pem")} -CAkey ${made("ca.key")} -CAcreateserial -days ${days} -extfile ${extensions} -out ${made(`${name}.pem`)}`,
  );
}

async function newKey(made: Made, name: string): Promise<void> {
  await ran($`${openssl()} genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${made(`${name}.key`)}`);
  chmodSync(made(`${name}.key`), 0o600);
}

async function ran(command: ReturnType<typeof $>): Promise<void> {
  const { exitCode, stderr, stdout } = await command.quiet().nothrow();
  if (exitCode !== 0) throw new Error(`a certificate was not made:\n${stderr.toString()}${stdout.toString()}`);
}
