/** The picture that a person is asked to put right: shown over whatever page asks, until it is answered or closed. */
import type { SlideChallenge, SlideDrag } from "@chepiao/contracts";
import { useSyncExternalStore } from "react";

/** `work`: somebody who does not see or drag; `another`: another picture; null: they would rather not. */
export type SlideAnswer = SlideDrag | "work" | "another" | null;
export type SlideAsked = {
  readonly slide: SlideChallenge;
  /** Why it is asked again; null the first time. */
  readonly after: "wrong" | "over" | null;
  /** Each time it is asked, so that the piece begins anew. */
  readonly turn: number;
  readonly answer: (answer: SlideAnswer) => void;
};

let asked: SlideAsked | null = null;
let turn = 0;
const listeners = new Set<() => void>();

function show(next: SlideAsked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** It stays on the screen, answered, until it is asked again or `endSlide` is called. */
export const askSlide = (slide: SlideChallenge, after: SlideAsked["after"]): Promise<SlideAnswer> =>
  new Promise((answer) => show({ slide, after, turn: ++turn, answer }));

export const endSlide = (): void => show(null);

export const useSlideAsked = (): SlideAsked | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => asked,
  );
