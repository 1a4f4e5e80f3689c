/** A picture with a gap, and the piece that was cut out of it: dragged into its place by pointer or by keys, and never by a click beside. */
import { slideSize } from "@chepiao/kernel";
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { Icon, Notice, Spinner } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { useLanguage } from "../../lib/messages.tsx";
import type { SlideAsked } from "../../lib/slideAsked.ts";
import { slideEn } from "../../messages/slide.en.ts";
import { type SlideMessages, slideZh } from "../../messages/slide.zh.ts";

const { width, height, piece } = slideSize;
const leftMax = width - piece;
/** As many as the platform takes; of a longer drag the middle is left out. */
const pointsMax = 400;
const keySteps: Readonly<Record<string, number>> = {
  ArrowRight: 2,
  ArrowUp: 2,
  ArrowLeft: -2,
  ArrowDown: -2,
  PageUp: 20,
  PageDown: -20,
};

type Point = [ms: number, left: number, down: number];

export function SlideDialog({ asked }: { readonly asked: SlideAsked }) {
  const texts: SlideMessages = useLanguage().language === "zh" ? slideZh : slideEn;
  const { slide, after, turn, answer } = asked;
  return (
    <Dialog title={texts.title} onClose={() => answer(null)}>
      <p>{texts.how}</p>
      {after && (
        <Notice key={turn} kind="warn" live>
          {texts[after]}
        </Notice>
      )}
      <Slide key={turn} slide={slide} texts={texts} answer={answer} />
      <button type="button" className="button quiet" onClick={() => answer("work")}>
        {texts.work}
      </button>
      <p className="soft">{texts.workNote}</p>
    </Dialog>
  );
}

function Slide({ slide, texts, answer }: Pick<SlideAsked, "slide" | "answer"> & { readonly texts: SlideMessages }) {
  const { left, drag, byPointer, byKey } = useDrag();
  const [isSent, setSent] = useState(false);
  const move = { transform: `translateX(${left}px)` };
  const send = () => {
    const moved = drag();
    if (isSent || !moved) return;
    setSent(true);
    answer(moved);
  };
  return (
    <form
      method="post"
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="slide">
        <div className="slide-board">
          <img src={slide.board} width={width} height={height} alt="" />
          <img src={slide.piece} width={piece} height={piece} alt="" style={{ ...move, top: slide.pieceTop }} />
        </div>
        <div className="slide-track">
          <div
            className="slide-handle"
            role="slider"
            tabIndex={0}
            data-first
            aria-label={texts.handle}
            aria-valuemin={0}
            aria-valuemax={leftMax}
            aria-valuenow={left}
            style={move}
            onPointerDown={byPointer.down}
            onPointerMove={byPointer.move}
            onPointerUp={byPointer.up}
            onPointerCancel={byPointer.up}
            onKeyDown={(event) => (event.key === "Enter" ? send() : byKey(event))}
          >
            <Icon name="right" />
          </div>
        </div>
      </div>
      <button type="submit" className="button primary" aria-disabled={isSent || left === 0}>
        {isSent ? (
          <>
            <Spinner /> {texts.checking}
          </>
        ) : (
          texts.confirm
        )}
      </button>
      <button type="button" className="button" onClick={() => answer("another")}>
        {texts.another}
      </button>
    </form>
  );
}

/** Where the piece is, and how it came there. */
function useDrag() {
  const [left, setLeft] = useState(0);
  const points = useRef<Point[]>([]);
  /** Who has used both is one who steers by keys. */
  const by = useRef<"pointer" | "keys">("pointer");
  const held = useRef<{ readonly x: number; readonly y: number; readonly left: number } | null>(null);

  function note(next: number, down: number, at: number) {
    if (points.current.length === 0) points.current.push([Math.round(at), 0, 0]);
    points.current.push([Math.round(at), next, Math.round(down)]);
    setLeft(next);
  }
  const within = (next: number) => Math.max(0, Math.min(leftMax, Math.round(next)));
  const byPointer = {
    down(event: PointerEvent<HTMLElement>) {
      if (!event.isPrimary || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      held.current = { x: event.clientX, y: event.clientY, left };
      if (points.current.length === 0) points.current.push([Math.round(event.timeStamp), 0, 0]);
    },
    move(event: PointerEvent<HTMLElement>) {
      const from = held.current;
      if (!from) return;
      note(within(from.left + event.clientX - from.x), event.clientY - from.y, event.timeStamp);
    },
    up() {
      held.current = null;
    },
  };
  function byKey(event: KeyboardEvent) {
    const step = keySteps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    by.current = "keys";
    note(within(left + step), 0, event.timeStamp);
  }
  function drag() {
    const all = points.current;
    if (all.length === 0) return null;
    const kept = all.length <= pointsMax ? all : [...all.slice(0, pointsMax / 2), ...all.slice(-pointsMax / 2)];
    const begun = kept[0]![0];
    return { by: by.current, points: kept.map(([ms, x, down]): Point => [ms - begun, x, down]) };
  }
  return { left, drag, byPointer, byKey };
}
