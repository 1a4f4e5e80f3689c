/** What the site says of receipts: it comes with the pages that say it. */
import { useLanguage } from "../../lib/messages.tsx";
import { receiptEn } from "../../messages/receipt.en.ts";
import { type ReceiptMessages, receiptZh } from "../../messages/receipt.zh.ts";

export const useReceiptMessages = (): ReceiptMessages => (useLanguage().language === "zh" ? receiptZh : receiptEn);
export const receiptAddress = (orderNo: string): string => `/order/${orderNo}/receipt`;
