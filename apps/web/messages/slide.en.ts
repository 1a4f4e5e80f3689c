/** The picture to put right. */
import type { SlideMessages } from "./slide.zh.ts";

export const slideEn: SlideMessages = {
  title: "Security check",
  how: "Drag the handle until the piece lies in the gap of the picture, then confirm. Arrow keys move it, too.",
  handle: "Place of the piece",
  confirm: "Confirm",
  checking: "Checking…",
  another: "Another picture",
  work: "Cannot see it, or cannot drag? Let this device compute instead",
  workNote: "It takes some seconds, up to a minute, and nothing has to be seen.",
  wrong: "That is not the place. Please try again.",
  over: "The picture before has ended. Please use this one.",
};
