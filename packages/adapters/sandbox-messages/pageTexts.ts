/** What the page of practice messages says, in both languages. */
export const pageTextsOf = {
  zh: {
    title: "演示消息箱",
    note: "这是演示平台：短信和邮件不会真正发出，只在这里显示。任何知道号码或邮箱的人都能看到，请勿使用真实的手机号或邮箱。",
    ask: "手机号或邮箱",
    show: "查看",
    none: "最近没有发给它的消息。",
    sms: "短信",
    mail: "邮件",
    again: "刷新",
  },
  en: {
    title: "Practice messages",
    note: "This platform is a demonstration: messages are not sent, they are only shown here, to everybody who knows the number or address. Use no real ones.",
    ask: "Phone or mail address",
    show: "Show",
    none: "Nothing was sent to it lately.",
    sms: "SMS",
    mail: "Mail",
    again: "Look again",
  },
} as const;

export type Language = keyof typeof pageTextsOf;

/** Chinese, unless the browser asks for English first. */
export const languageOf = (accepted: string | null): Language => (/^\s*en\b/i.test(accepted ?? "") ? "en" : "zh");
