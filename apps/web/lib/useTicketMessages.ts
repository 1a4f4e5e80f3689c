/** What stands on and beside a ticket: it comes with what shows one, and not with the first page. */
import { ticketEn } from "../messages/ticket.en.ts";
import { type TicketMessages, ticketZh } from "../messages/ticket.zh.ts";
import { useLanguage } from "./messages.tsx";

export const useTicketMessages = (): TicketMessages => (useLanguage().language === "zh" ? ticketZh : ticketEn);
