/** What processes of the platform say that they used of the processor. */

export async function cpuSecondsOf(metricsUrls: readonly string[]): Promise<number> {
  const used = await Promise.all(
    metricsUrls.map(async (url) => {
      const page = await fetch(url)
        .then((answer) => answer.text())
        .catch(() => "");
      return Number(/^process_cpu_seconds_total (\S+)/m.exec(page)?.[1] ?? 0);
    }),
  );
  return used.reduce((sum, each) => sum + each, 0);
}
