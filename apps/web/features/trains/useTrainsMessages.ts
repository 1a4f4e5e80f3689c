import { useLanguage } from "../../lib/messages.tsx";
import { trainsEn } from "../../messages/trains.en.ts";
import { trainsZh, type TrainsMessages } from "../../messages/trains.zh.ts";

export const useTrainsMessages = (): TrainsMessages => (useLanguage().language === "zh" ? trainsZh : trainsEn);
