/**
 * Bugs to be planted: each changes one place of the product's source as it is loaded, and the simulation has to find it. They prove that
 * it can see. A new one is an entry here; one whose place is not found exactly once is a mistake that a test tells of.
 */
import { join } from "node:path";

export type PlantedBug = {
  readonly name: string;
  /** What goes wrong, and for whom. */
  readonly about: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
};

const root = join(import.meta.dir, "..");

export class NotPlanted extends Error {
  override readonly name = "NotPlanted";
}

/** @throws NotPlanted where the place is not there, or not once */
export function mutated({ name, file, find, replace }: PlantedBug, source: string): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new NotPlanted(`the place of "${name}" stands ${times} times in ${file}, not once: ${find}`);
  return source.replace(find, () => replace);
}

export const sourceOf = ({ file }: PlantedBug): Promise<string> => Bun.file(join(root, file)).text();

/**
 * From now on the bug is in whatever loads its file. To be called before anything of the product was loaded; the returned function
 * throws where it was too late.
 */
export async function plant(bug: PlantedBug): Promise<() => void> {
  const path = join(root, bug.file);
  const contents = mutated(bug, await sourceOf(bug));
  let isLoaded = false;
  Bun.plugin({
    name: `planted: ${bug.name}`,
    setup(build) {
      build.onLoad(
        { filter: new RegExp(`${bug.file.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) },
        ({ path: loaded }) => {
          if (loaded === path) isLoaded = true;
          return { contents, loader: "ts" };
        },
      );
    },
  });
  return () => {
    if (!isLoaded)
      throw new NotPlanted(`nothing of the simulation has loaded ${bug.file}, where "${bug.name}" was planted`);
  };
}
