/** What is wrong with a field of what was sent, in the caller's language. A message never repeats what was sent. */
import { type Call, type Refusal, refusal, type RefusalCode } from "@chepiao/contracts";
import { refuse, type Result } from "@chepiao/kernel";

const faults = {
  notThisDocument: { zh: "不是该类证件的有效号码。", en: "is not a number of this kind of document." },
  nameWithoutLetters: { zh: "姓名须含有文字。", en: "must have letters in it." },
  nameWithUnseen: {
    zh: "姓名中有看不见的字符，请重新键入。",
    en: "has characters that cannot be seen; please type it anew.",
  },
  nameTooShort: { zh: "姓名过短。", en: "is too short." },
  nameTooLong: { zh: "姓名过长，可按证件缩写。", en: "is too long; please shorten it as your document does." },
  phoneNotTaken: { zh: "不是可用的手机号码。", en: "is not a mobile number of a country that is taken here." },
  emailNotTaken: { zh: "不是可用的邮箱地址。", en: "is not a mail address." },
  needed: { zh: "须填写。", en: "is needed." },
  phoneNotAsked: {
    zh: "本铁路的账号用邮箱，不填手机号。",
    en: "is not asked for here: accounts are known by a mail address.",
  },
  notInThePast: { zh: "应为今天或更早的日期。", en: "must be today or a day in the past." },
  notAsInDocument: { zh: "与证件号码中的出生日期不一致。", en: "is not the day in the document number." },
  passwordCommon: {
    zh: "这个密码过于常见，请换一个。",
    en: "is one of the commonest there are, please choose another.",
  },
  passwordOwnWord: {
    zh: "不能包含用户名、姓名、手机号、邮箱、证件号、生日或本站名称。",
    en: "must not have your username, name, phone, mail address, document, birthday or the name of this site in it.",
  },
  passwordWrong: { zh: "当前密码不正确。", en: "is not your password." },
  codeWrong: { zh: "验证码不正确或已失效。", en: "is wrong, or is valid no more." },
  neededForChild: { zh: "儿童票须填写出生日期。", en: "is needed for a child." },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

type Language = Call<never>["language"];
export type Fault = keyof typeof faults;

/** Decisions know no language: they name the fault, and `told` says it. */
export const faultAt = (path: string, fault: Fault, code: RefusalCode = "MalformedRequest") =>
  refuse(refusal(code, undefined, [{ path, message: fault }]));

export function told<T>(result: Result<T, Refusal>, language: Language): Result<T, Refusal> {
  if (result.ok || !result.error.fields) return result;
  const { code, facts, fields } = result.error;
  const say = (message: string) => (Object.hasOwn(faults, message) ? faults[message as Fault][language] : message);
  return refuse(
    refusal(
      code,
      facts,
      fields.map(({ path, message }) => ({ path, message: say(message) })),
    ),
  );
}
