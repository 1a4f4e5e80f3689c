/** What the passengers' site and the staff's console have in common: the API as a browser speaks it, and addresses. */
export {
  type Answer,
  type AskOptions,
  createApi,
  isRefused,
  Refused,
  type RequestParts,
  type RouteName,
  Unreachable,
} from "./api.ts";
export { type Address, closeOnBack, leaveTo, Link, navigate, useAddress, withQuery } from "./router.tsx";
