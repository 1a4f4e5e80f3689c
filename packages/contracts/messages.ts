/** Messages that the platform sends to people: what each is about, which facts go into it, and its words in both languages. */

export const messageChannels = ["sms", "mail"] as const;
export type MessageChannel = (typeof messageChannels)[number];

type Facts = Readonly<Record<string, string | number>>;
type Template = {
  /** The subject of a mail. */
  readonly subject: { readonly zh: string; readonly en: string };
  /** With `{name}` where a fact goes. */
  readonly text: { readonly zh: string; readonly en: string };
};

export const messageTemplates = {
  notification: {
    subject: { zh: "{title}", en: "{title}" },
    text: { zh: "{text}", en: "{text}" },
  },
  passwordResetCode: {
    subject: { zh: "重置密码的验证码", en: "Your code for a new password" },
    text: {
      zh: "【chepiao】验证码 {code}，{minutes} 分钟内有效，用于重置登录密码。请勿告诉任何人，我们也不会向您索要。",
      en: "chepiao: {code} is your code for a new password, valid for {minutes} minutes. Tell it to nobody; we never ask for it.",
    },
  },
  phoneProofCode: {
    subject: { zh: "验证手机号的验证码", en: "Your code for this phone" },
    text: {
      zh: "【chepiao】验证码 {code}，{minutes} 分钟内有效，用于验证手机号。如非本人操作，请忽略；请勿告诉任何人，我们也不会向您索要。",
      en: "chepiao: {code} is your code to prove this phone, valid for {minutes} minutes. If it was not you, ignore it; tell it to nobody, we never ask for it.",
    },
  },
  phoneNamedAgain: {
    subject: { zh: "有人用您的手机号注册了账号", en: "An account was opened with your phone" },
    text: {
      zh: "【chepiao】有人用本手机号注册了新账号，但本手机号已有账号。如是您本人，请用原账号登录，忘记密码可用验证码重置；否则请忽略，没有发给您的验证码，对方无法使用本手机号。",
      en: "chepiao: somebody opened an account with this phone, which has one. If it was you, log in to that, or ask for a code for a new password; else ignore it: without a code sent to you nobody can use your phone.",
    },
  },
  emailProofCode: {
    subject: { zh: "验证邮箱的验证码", en: "Your code for this mail address" },
    text: {
      zh: "【chepiao】验证码 {code}，{minutes} 分钟内有效，用于验证邮箱。如非本人操作，请忽略；请勿告诉任何人，我们也不会向您索要。",
      en: "chepiao: {code} is your code to prove this mail address, valid for {minutes} minutes. If it was not you, ignore it; tell it to nobody, we never ask for it.",
    },
  },
  emailNamedAgain: {
    subject: { zh: "有人用您的邮箱注册了账号", en: "An account was opened with your mail address" },
    text: {
      zh: "【chepiao】有人用本邮箱注册了新账号，但本邮箱已有账号。如是您本人，请用原账号登录，忘记密码可用验证码重置；否则请忽略，没有发给您的验证码，对方无法使用本邮箱。",
      en: "chepiao: somebody opened an account with this mail address, which has one. If it was you, log in to that, or ask for a code for a new password; else ignore it: without a code sent to you nobody can use your address.",
    },
  },
  phoneChanged: {
    subject: { zh: "账号的手机号已更换", en: "Your account has another phone" },
    text: {
      zh: "【chepiao】您的账号已改用另一个手机号，本手机号不能再登录或接收验证码，其他设备已退出登录。如非本人操作，请立即联系铁路客服。",
      en: "chepiao: your account has another phone from now on. This one opens it no more and gets no codes; your other devices were logged out. If that was not you, call the railway now.",
    },
  },
  emailChanged: {
    subject: { zh: "账号的邮箱已更换", en: "Your account has another mail address" },
    text: {
      zh: "【chepiao】您的账号已改用另一个邮箱，本邮箱不能再登录或接收验证码，其他设备已退出登录。如非本人操作，请立即联系铁路客服。",
      en: "chepiao: your account has another mail address from now on. This one opens it no more and gets no codes; your other devices were logged out. If that was not you, call the railway now.",
    },
  },
  passwordChanged: {
    subject: { zh: "登录密码已更改", en: "Your password was changed" },
    text: {
      zh: "【chepiao】您的登录密码已更改，其他设备已退出登录。如非本人操作，请立即重置密码。",
      en: "chepiao: your password was changed and your other devices were logged out. If that was not you, reset it now.",
    },
  },
} as const satisfies Readonly<Record<string, Template>>;

export type MessageTemplate = keyof typeof messageTemplates;

export type Message = {
  /** Chosen by the sender: the same id is the same message. */
  readonly messageId: string;
  readonly channel: MessageChannel;
  /** A mobile number for `sms`, an address for `mail`. */
  readonly to: string;
  readonly template: MessageTemplate;
  readonly facts: Facts;
  readonly language: "zh" | "en";
};

/** The words of a message, for those that send them as they are. A fact that was not given shows its name. */
export function wordsOfMessage({ template, facts, language }: Pick<Message, "template" | "facts" | "language">): {
  readonly subject: string;
  readonly text: string;
} {
  const { subject, text } = messageTemplates[template];
  const fill = (words: string) =>
    words.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(facts, name) ? String(facts[name]) : whole));
  return { subject: fill(subject[language]), text: fill(text[language]) };
}
