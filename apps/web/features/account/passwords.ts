/** What the forms know about passwords; the platform has the last word. */
export const passwordLengthMin = 8;
export const oneTimeCodeDigits = 8;
export const oneTimeCodeMinutes = 10;

/** Where a platform that is practised with shows its messages: without a phone there is no other way to a code. */
export const practiceMessages = (): string | null =>
  document.querySelector<HTMLMetaElement>("meta[name=practice-messages]")?.content ?? null;
