/** The platform in one process, as `npm start` gives it. */
import { type Ground, runCommand, type Site, type SiteSettings } from "./site.ts";
import { policySetting } from "../../server/testing/policy.ts";

const root = `${import.meta.dir}/../../..`;
/** A second where there is nothing else to do. */
const startsWithinMs = 120_000;

export const embedded: Ground = { about: "the platform in one process", startSite, close: async () => {} };

async function startSite(settings: SiteSettings = {}): Promise<Site> {
  const data = `${Bun.env["TMPDIR"] ?? "/tmp"}/chepiao-e2e-${crypto.randomUUID()}`;
  let child: Bun.Subprocess<"ignore", "pipe", "inherit"> | null = null;
  let url = "";

  async function start() {
    const port = url === "" ? "0" : new URL(url).port;
    child = Bun.spawn([process.execPath, "apps/server/main.ts", "start"], {
      cwd: root,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
      env: {
        ...Bun.env,
        LOG_LEVEL: "error",
        REGISTRATIONS_PER_ADDRESS_HOUR: "10000",
        REGISTRATIONS_PER_ADDRESS_DAY: "10000",
        // What a page shows is not to depend on how busy the machine is.
        SHED_AFTER_MS: "0",
        // One person does here what many do.
        ...policySetting(),
        ...settings,
        PORT: port,
        DATA_DIR: data,
      },
    });
    try {
      url = await addressOf(child.stdout);
    } catch (error) {
      await kill();
      throw error;
    }
  }
  async function kill() {
    child?.kill("SIGKILL");
    await child?.exited;
    child = null;
  }
  await start();
  return {
    get url() {
      return url;
    },
    kill,
    start,
    chepiao: (...args) => runCommand(args, { ...policySetting(), ...settings, DATA_DIR: data }),
    async [Symbol.asyncDispose]() {
      await kill();
      await Bun.$`rm -rf ${data}`.quiet();
    },
  };
}

/** The platform says where it is once it can be used. The rest of what it says is read too, so that it never waits for us. */
async function addressOf(output: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  const late = setTimeout(() => found.reject(new Error("the platform did not start")), startsWithinMs);
  void (async () => {
    let text = "";
    for await (const chunk of output.pipeThrough(
      new TextDecoderStream() as never,
    ) as unknown as AsyncIterable<string>) {
      text += chunk;
      // A site with a name of its own is reached by that elsewhere.
      const address = /API\s+(http:\/\/\S+?)\/api\/docs\s/.exec(text)?.[1];
      if (address) found.resolve(address);
    }
    found.reject(new Error(`the platform ended: ${text}`));
  })();
  const address = await found.promise;
  clearTimeout(late);
  return address;
}
