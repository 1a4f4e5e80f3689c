/** The words of the console in English. */
import { auditEn } from "./audit.en.ts";
import { ordersEn } from "./orders.en.ts";
import { overviewEn } from "./overview.en.ts";
import { runsEn } from "./runs.en.ts";
import type { Messages } from "./zh.ts";

export const en: Messages = {
  console: "Console",
  pages: {
    overview: "Overview",
    orders: "Orders",
    order: "Order",
    runs: "Runs",
    run: "Run",
    audit: "Audit trail",
  },
  roles: {
    passenger: "passenger",
    operator: "operator",
    finance: "finance",
    gate: "gate",
    auditor: "auditor",
    admin: "administrator",
  },
  menu: "Menu",
  skip: "Skip to content",
  language: "Language",
  login: "Log in",
  logout: "Log out",
  username: "Username",
  password: "Password",
  needed: "Please fill this in.",
  demoLogin: "Demo account:",
  noRights: "This account is not one of the staff",
  noRightsWhy: "Ask an administrator to give it a role.",
  noRight: "Your role does not show this page",
  notFound: "There is no such page",
  home: "To the first page",
  unreachable: "The platform cannot be reached. Check the network and try again.",
  again: "Try again",
  search: "Search",
  more: "Load more",
  empty: "Nothing matches",
  reason: "Reason",
  reasonNeeded: "Say why: it stands on the audit trail.",
  dryRun: "Dry run",
  confirm: "Do it",
  cancel: "Cancel",
  done: "Done",
  audit: auditEn,
  orders: ordersEn,
  overview: overviewEn,
  runs: runsEn,
};
