/** What was said of a run, in tags. */
import type { RunLine } from "@chepiao/contracts";
import { Tag } from "antd";
import { useMessages } from "../../lib/messages.tsx";

const colors = { runs: "green", cancelled: "red", shortened: "orange" } as const;

export function RunWords({ run }: { readonly run: RunLine }) {
  const { runs } = useMessages();
  const { word, soldAs, isRestoring, lostCoaches, withdrawnCoaches } = run;
  const withdrawn = withdrawnCoaches.filter((no) => !lostCoaches.includes(no));
  return (
    <>
      <Tag color={colors[word]}>{runs.words[word]}</Tag>
      {isRestoring && <Tag color="blue">{runs.restoring}</Tag>}
      {soldAs !== null && <Tag color="orange">{runs.soldAs(soldAs)}</Tag>}
      {lostCoaches.length > 0 && <Tag color="red">{runs.lost(lostCoaches.join(", "))}</Tag>}
      {withdrawn.length > 0 && <Tag color="orange">{runs.withdrawn(withdrawn.join(", "))}</Tag>}
    </>
  );
}
