/** What lists have in common: pages that are asked for one after the other, each from where the one before ends. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useMessages } from "./messages.tsx";

type PageOf<Row> = { readonly rows: readonly Row[]; readonly next: string | null };

/** @param load one page; `before` is `next` of the page before it */
export function usePages<Row>(
  key: readonly unknown[],
  load: (before: string | undefined, signal: AbortSignal) => Promise<PageOf<Row>>,
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: PageOf<Row>) => next ?? undefined,
  });
  return { ...query, rows: query.data?.pages.flatMap(({ rows }) => rows) ?? [] };
}

export function MoreButton({
  pages,
}: {
  readonly pages: Pick<ReturnType<typeof usePages>, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">;
}) {
  const messages = useMessages();
  if (!pages.hasNextPage) return null;
  return (
    <Button onClick={() => void pages.fetchNextPage()} loading={pages.isFetchingNextPage} style={{ marginTop: 12 }}>
      {messages.more}
    </Button>
  );
}
