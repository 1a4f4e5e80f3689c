/** What cannot be shown before the railway's rules are known: a skeleton until they are there, and a way to try again where they do not come. */
import type { Railway } from "@chepiao/contracts";
import type { ReactNode } from "react";
import { Failure, SlowNote } from "./components.tsx";
import { useRailwayRulesQuery } from "./railwayRules.ts";

export function ByRailwayRules({ children }: { readonly children: (rules: Railway) => ReactNode }) {
  const rules = useRailwayRulesQuery();
  if (rules.data) return children(rules.data);
  if (rules.isError) return <Failure error={rules.error} retry={() => void rules.refetch()} />;
  return (
    <div aria-busy="true">
      <div className="skeleton block" />
      <SlowNote />
    </div>
  );
}
