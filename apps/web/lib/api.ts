/** The public API as the site speaks it: in the page's language, and with the railway's clock told by each answer. */
import { createApi } from "@chepiao/ui";
import { noteServerDate } from "./clock.ts";
import { pageLanguage } from "./language.ts";

export { type Answer, isRefused, Refused, type RequestParts, type RouteName, Unreachable } from "@chepiao/ui";

export const { ask, onSessionEnded } = createApi({ language: pageLanguage, heard: noteServerDate });
