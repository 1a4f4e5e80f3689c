/** How likely it is that seats come in time, as far as the platform can tell. */
import type { ChanceBand, WaitlistRequest } from "@chepiao/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

/** A request, or a person's who has not chosen anybody yet: then it is asked for one. */
type Asked = Omit<WaitlistRequest, "passengers"> & { readonly passengerCount: number };

const knownForMs = 60_000;

/** Before joining. Says nothing where nothing is known, or nobody is logged in to ask. */
export function ChanceBefore({ asked }: { readonly asked: Asked | null }) {
  const found = useQuery({
    queryKey: ["waitlist", "chance", asked],
    queryFn: () => ask("POST /api/waitlist/chance", { body: asked! }),
    enabled: asked !== null,
    staleTime: knownForMs,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return asked !== null && found.data ? <Chance band={found.data.band} /> : null;
}

export function Chance({ band }: { readonly band: ChanceBand | null }) {
  const texts = useWaitlistMessages();
  if (band === null) return null;
  return (
    <p className="chance" role="status">
      <span className={`badge ${band === "high" ? "key" : ""}`}>{texts.chance[band]}</span>{" "}
      <small className="soft">{texts.chanceNote}</small>
    </p>
  );
}
