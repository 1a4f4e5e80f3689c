/**
 * The catalogue of refusals: every way in which the platform says no. `code` is stable and part of the API; the texts are for
 * people. A refusal changes nothing.
 */
export type RefusalSpec = {
  readonly http: number;
  /** May the same request succeed later? `later` after waiting, `changed` once something in it is different. */
  readonly retry: "never" | "later" | "changed";
  readonly say: { readonly zh: string; readonly en: string };
};

const spec = (http: number, retry: RefusalSpec["retry"], zh: string, en: string): RefusalSpec => ({
  http,
  retry,
  say: { zh, en },
});

export const refusals = {
  // The request itself
  MalformedRequest: spec(400, "changed", "请求内容有误。", "The request is not valid."),
  UnsupportedMediaType: spec(415, "changed", "请以 application/json 提交。", "Send the body as application/json."),
  BodyTooLarge: spec(413, "changed", "请求内容超过 64 KiB。", "The body is larger than 64 KiB."),
  QueryTooLong: spec(414, "changed", "查询参数过长。", "The query is too long."),
  NotFound: spec(404, "never", "没有找到。", "There is nothing here."),
  MethodNotAllowed: spec(405, "changed", "不支持该请求方法。", "This address does not take that method."),
  TooManyRequests: spec(429, "later", "请求过于频繁，请稍后再试。", "Too many requests. Please wait a moment."),
  Overloaded: spec(503, "later", "系统繁忙，请稍后重试。", "The system is busy. Please try again shortly."),
  ServiceUnavailable: spec(
    503,
    "later",
    "该服务暂时不可用，请稍后重试。",
    "This service is away for the moment. Please try again shortly.",
  ),
  Internal: spec(500, "later", "系统异常，请稍后重试。", "Something went wrong on our side. Please try again."),

  // People
  NotLoggedIn: spec(401, "changed", "请先登录。", "Please log in first."),
  WrongCredentials: spec(401, "changed", "用户名或密码不正确。", "The username or password is wrong."),
  AccountDisabled: spec(403, "never", "该账号已停用。", "This account is disabled."),
  NotAllowed: spec(403, "never", "没有权限。", "You are not allowed to do this."),
  UsernameTaken: spec(409, "changed", "用户名已被使用。", "This username is taken."),
  PhoneTaken: spec(409, "changed", "手机号已被使用。", "This phone number is already in use."),
  DocumentInvalid: spec(422, "changed", "证件号码不正确。", "The document number is not valid."),
  DocumentAccountsFull: spec(
    409,
    "never",
    "该证件关联的账号已达 5 个。",
    "This document is already linked to 5 accounts.",
  ),
  PassengerExists: spec(409, "changed", "该乘车人已添加。", "This passenger is already saved."),
  PassengersFull: spec(409, "changed", "常用乘车人最多 15 位。", "You can save at most 15 passengers."),
  PassengerUnknown: spec(404, "changed", "没有该乘车人。", "There is no such passenger."),
  SessionUnknown: spec(404, "never", "没有该登录会话。", "There is no such session."),

  // Timetable
  StationUnknown: spec(404, "changed", "没有该车站。", "There is no such station."),
  TrainUnknown: spec(404, "changed", "没有该车次。", "There is no such train."),
  RunUnknown: spec(404, "changed", "该车次当日不开行。", "This train does not run on that day."),
  NotOnRoute: spec(
    422,
    "changed",
    "该车次不经停所选车站，或方向相反。",
    "The train does not go from one to the other.",
  ),
  ClassNotOffered: spec(422, "changed", "该车次没有此席别。", "The train does not have this class."),
  DateOutOfRange: spec(422, "changed", "日期不在可查询范围内。", "The date is outside the range that can be searched."),

  // Buying
  SaleNotOpen: spec(409, "later", "尚未起售。", "Sale has not opened yet."),
  SaleClosed: spec(409, "never", "已停止售票。", "Sale has closed for this departure."),
  SoldOut: spec(409, "later", "余票不足。", "Not enough seats are left."),
  StandingNotYet: spec(
    409,
    "later",
    "仍有座位，暂不发售无座票。",
    "Seats are still available, so standing tickets are not sold yet.",
  ),
  TicketTypeNotAllowed: spec(
    422,
    "changed",
    "不符合该票种的购买规定。",
    "This passenger cannot buy that type of ticket.",
  ),
  PreferenceImpossible: spec(422, "changed", "该席别没有所选的座位偏好。", "This class has no such seats to prefer."),
  UserRunLimit: spec(
    409,
    "never",
    "同一账号同一车次同一天最多购买 5 张。",
    "At most 5 tickets per account, train and day.",
  ),
  DocumentDayLimit: spec(409, "never", "同一证件一天最多购买 10 张。", "At most 10 tickets per document and day."),
  TripOverlaps: spec(409, "never", "乘车人已有时间冲突的行程。", "A passenger already has a trip at that time."),
  DuplicatePassenger: spec(422, "changed", "同一乘车人只能出现一次。", "Each passenger can appear only once."),
  IdempotencyKeyMissing: spec(
    400,
    "changed",
    "缺少 Idempotency-Key。",
    "The Idempotency-Key header is missing or malformed.",
  ),
  IdempotencyKeyReused: spec(
    422,
    "changed",
    "Idempotency-Key 已用于不同的请求。",
    "This Idempotency-Key was used with another body.",
  ),
  SeatLost: spec(
    409,
    "changed",
    "座位分配未能确认，请重新下单。",
    "The seats could not be confirmed. Please order again.",
  ),

  // Orders and tickets
  OrderUnknown: spec(404, "never", "没有该订单。", "There is no such order."),
  OrderNotPayable: spec(409, "never", "该订单当前不可支付。", "This order cannot be paid now."),
  OrderNotCancellable: spec(409, "never", "该订单当前不可取消。", "This order cannot be cancelled now."),
  OrderChanged: spec(409, "later", "订单状态刚刚发生变化，请刷新。", "The order has just changed. Please look again."),
  TicketUnknown: spec(404, "never", "没有该车票。", "There is no such ticket."),
  TicketNotRefundable: spec(409, "never", "该车票当前不可退。", "This ticket cannot be refunded now."),
  HoldExpired: spec(410, "never", "占座已过期。", "The hold on the seats has ended."),

  // Payment
  PaymentUnknown: spec(404, "never", "没有该支付单。", "There is no such payment."),
  PaymentClosed: spec(409, "never", "该支付单已结束。", "This payment has ended."),
  ChannelUnknown: spec(422, "changed", "没有该支付渠道。", "There is no such payment channel."),
  CallbackRefused: spec(400, "never", "支付通知校验失败。", "The payment notice did not pass its checks."),
} as const satisfies Record<string, RefusalSpec>;

export type RefusalCode = keyof typeof refusals;

/** What a caller gets: the code and, where it helps, which field or passenger it is about. */
export type Refusal = {
  readonly code: RefusalCode;
  /** Facts a person or program can use, never internals: `{ "opensAt": "…" }`. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
  /** Which parts of the request are wrong, as JSON pointers. */
  readonly fields?: readonly FieldError[];
};
export type FieldError = { readonly path: string; readonly message: string };

export const refusal = (code: RefusalCode, facts?: Refusal["facts"], fields?: Refusal["fields"]): Refusal => ({
  code,
  ...(facts ? { facts } : {}),
  ...(fields ? { fields } : {}),
});
