/** The platform's API in the language of the page. */
import { createApi } from "@chepiao/ui";
import { pageLanguage } from "./language.ts";

export { type Answer, isRefused, Refused, type RequestParts, type RouteName } from "@chepiao/ui";

export const { ask } = createApi({ language: pageLanguage });
