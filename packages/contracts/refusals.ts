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
  PasswordWrong: spec(422, "changed", "当前密码不正确。", "The current password is wrong."),
  PasswordTooWeak: spec(422, "changed", "密码过于简单，请换一个。", "This password is too easy to guess."),
  ResetCodeWrong: spec(422, "changed", "验证码不正确或已失效。", "The code is wrong, or is valid no more."),
  ContactCodeWrong: spec(422, "changed", "验证码不正确或已失效。", "The code is wrong, or is valid no more."),
  OrdersUnderWay: spec(
    409,
    "later",
    "账号尚有待支付的订单、待兑现的候补订单或未完成的行程，请在此之后办理。",
    "The account has an order to pay, an entry in the waitlist or a trip before it. This can be done afterwards.",
  ),
  AccountDisabled: spec(403, "never", "该账号已停用。", "This account is disabled."),
  NotAllowed: spec(403, "never", "没有权限。", "You are not allowed to do this."),
  UsernameTaken: spec(409, "changed", "用户名已被使用。", "This username is taken."),
  ContactTaken: spec(
    409,
    "changed",
    "这个手机号或邮箱已被使用。",
    "This phone number or email address is already in use.",
  ),
  DocumentInvalid: spec(422, "changed", "证件号码不正确。", "The document number is not valid."),
  DocumentAccountsFull: spec(
    409,
    "never",
    "该证件关联的账号已达 5 个。",
    "This document is already linked to 5 accounts.",
  ),
  IdentityRefused: spec(
    422,
    "changed",
    "姓名与证件号码核验不一致，请核对后重试。",
    "Name and document number do not belong together. Please check both.",
  ),
  PassengerExists: spec(409, "changed", "该乘车人已添加。", "This passenger is already saved."),
  PassengersFull: spec(409, "changed", "常用乘车人已达上限。", "You have saved as many passengers as you may."),
  PassengerUnknown: spec(404, "changed", "没有该乘车人。", "There is no such passenger."),
  SessionUnknown: spec(404, "never", "没有该登录会话。", "There is no such session."),

  // Timetable
  StationUnknown: spec(404, "changed", "没有该车站。", "There is no such station."),
  TrainUnknown: spec(404, "changed", "没有该车次。", "There is no such train."),
  RunCancelled: spec(
    409,
    "changed",
    "该车次当日停运，或不在此区间运行。",
    "This train is cancelled on that day, or does not run between these stations.",
  ),
  RunUnknown: spec(404, "changed", "该车次当日不开行。", "This train does not run on that day."),
  RunLongOver: spec(
    409,
    "never",
    "该车次开行已久，席位记录已清除。",
    "This run is long over: who had seats on it is forgotten.",
  ),
  RestoreFirst: spec(
    409,
    "changed",
    "该车次已停运或缩短得更多，请先恢复开行。",
    "The run is cancelled, or shortened to less. Restore it first.",
  ),
  RunNotCancelled: spec(409, "never", "没有人登记该车次停运。", "Nobody says that this run does not run."),
  RunRefunded: spec(
    409,
    "never",
    "该车次已开始退款，不能恢复开行；如仍开行，须以其他车次号发售。",
    "Money has gone back for this run, so it stays as it is. A train that runs after all is sold under another number.",
  ),
  ChoiceTooLong: spec(
    422,
    "changed",
    "自选时限过长：届时席位记录已清除，无法自动退款。",
    "When that time to choose is over, who had seats is forgotten, and no money would go back. Name fewer hours.",
  ),
  WholeWay: spec(422, "changed", "这两站之间就是该车次的全程。", "That is the whole way of the train."),
  CoachUnknown: spec(404, "changed", "该车次没有这节车厢。", "The train has no such coach."),
  CoachNotWithdrawn: spec(409, "changed", "该车厢没有停售。", "This coach is not withdrawn from sale."),
  CompositionUnknown: spec(404, "changed", "当日没有这种编组。", "No train of that day is of that composition."),
  CompositionNotPossible: spec(
    409,
    "never",
    "该车次更换编组次数已满，或某席别席位过多。",
    "The run was exchanged too often, or a class would have too many seats.",
  ),
  ActUnconfirmed: spec(
    409,
    "changed",
    "涉及的车票较多，请填写车票数予以确认。",
    "This touches many tickets: confirm it by their number.",
  ),
  ChangedMeanwhile: spec(
    409,
    "changed",
    "他人刚刚作了更改，请重新查看后再办理。",
    "Somebody else has just changed this. Look again.",
  ),
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
  ServiceClosed: spec(409, "later", "当前不在服务时间内，暂不能购票。", "Tickets are not sold at this hour."),
  SaleClosed: spec(409, "never", "已停止售票。", "Sale has closed for this departure."),
  SoldOut: spec(409, "later", "余票不足。", "Not enough seats are left."),
  StandingNotYet: spec(
    409,
    "later",
    "仍有座位，暂不发售无座票。",
    "Seats are still available, so standing tickets are not sold yet.",
  ),
  WaitlistFirst: spec(409, "later", "余票优先兑现候补订单。", "The seats that are left go to those who wait for them."),
  NotOnSaleBetween: spec(409, "later", "该区间暂未放票。", "Seats between these stops are not on sale yet."),
  TicketTypeNotAllowed: spec(
    422,
    "changed",
    "不符合该票种的购买规定。",
    "This passenger cannot buy that type of ticket.",
  ),
  ChildWithoutAdult: spec(
    422,
    "changed",
    "儿童须有成人同行，请将同行成人的车票一并办理。",
    "A child travels with an adult: choose somebody who goes along, on the same train.",
  ),
  FreeChildNotAllowed: spec(
    422,
    "changed",
    "该乘客乘车当天不符合儿童免费乘车条件，请为其购票。",
    "This passenger cannot travel free on that day, which only a child below the free age can: choose a ticket.",
  ),
  FreeChildrenTooMany: spec(
    422,
    "changed",
    "每位成人只能免费携带一名儿童，其余儿童请购买儿童票。",
    "Each adult takes one child along free: choose child tickets for the others.",
  ),
  OrderTooLarge: spec(
    422,
    "changed",
    "一个订单的乘车人数或车票数已超上限。",
    "An order may not have so many passengers, or so many tickets.",
  ),
  PreferenceImpossible: spec(422, "changed", "该席别没有所选的座位偏好。", "This class has no such seats to prefer."),
  UserRunLimit: spec(
    409,
    "never",
    "同一账号同一车次同一天购票已达上限。",
    "Your account has as many tickets of this train and day as it may buy.",
  ),
  DocumentDayLimit: spec(
    409,
    "never",
    "同一证件一天购票已达上限。",
    "This document has as many tickets of that day as it may have.",
  ),
  StudentTripsUsed: spec(
    409,
    "never",
    "该乘车人在乘车日所在学年的学生优惠次数已用完，请改购成人票。",
    "This passenger has no student trips left in the school year of that day: choose an adult ticket.",
  ),
  TripOverlaps: spec(409, "never", "乘车人已有时间冲突的行程。", "A passenger already has a trip at that time."),
  TripsTooClose: spec(
    409,
    "never",
    "与乘车人已购车票的行程无法衔接。",
    "A passenger has another trip too close to this one to change trains.",
  ),
  UnpaidOrderOpen: spec(
    409,
    "later",
    "您有一笔待支付的订单，请先支付或取消。",
    "You have an order that waits for payment. Please pay or cancel it first.",
  ),
  CancelledTooOften: spec(
    409,
    "later",
    "今日取消或未支付的订单已达上限，请改日再购票。",
    "Too many orders of today were cancelled or not paid for. Please buy again on another day.",
  ),
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
  AccountUnknown: spec(404, "changed", "没有该账号。", "There is no such account."),
  OrderUnknown: spec(404, "never", "没有该订单。", "There is no such order."),
  OrderNotPayable: spec(409, "never", "该订单当前不可支付。", "This order cannot be paid now."),
  OrderNotCancellable: spec(409, "never", "该订单当前不可取消。", "This order cannot be cancelled now."),
  OrderChanged: spec(409, "later", "订单状态刚刚发生变化，请刷新。", "The order has just changed. Please look again."),
  TicketUnknown: spec(404, "never", "没有该车票。", "There is no such ticket."),
  NoReceipt: spec(409, "later", "订单尚未支付，没有报销单。", "This order was not paid: there is no receipt."),
  GateUnknown: spec(403, "changed", "不是本系统的闸机，或密钥不正确。", "This is no gate of ours, or not its key."),
  GateEventUnreadable: spec(
    422,
    "changed",
    "检票记录须写明存在的时刻，以及票码、车票号、有效证件中的一项。",
    "An event of a gate says a moment that exists, and one of these: the code of a ticket, its number, or a document that can be.",
  ),
  TicketNotRefundable: spec(409, "never", "该车票当前不可退。", "This ticket cannot be refunded now."),
  ChangeNotOffered: spec(409, "changed", "不办理此类改签。", "This railway does not change tickets in this way."),
  TicketNotChangeable: spec(409, "never", "该车票当前不可改签。", "This ticket cannot be changed now."),
  ChangedBefore: spec(
    409,
    "never",
    "该车票已改签过，不能再次改签。",
    "This ticket was changed before, and is not changed again.",
  ),
  ChangeTooLate: spec(
    409,
    "never",
    "已过改签或变更到站的办理时间。",
    "It is too late to change this ticket in this way.",
  ),
  ChangeOfOneTrip: spec(422, "changed", "一次只能改签同一行程的车票。", "Tickets of one trip are changed at a time."),
  ChangeOrigin: spec(422, "changed", "改签不能变更发站。", "A change keeps the station where the trip begins."),
  ChangeOfNothing: spec(422, "changed", "所选车次与原车票相同。", "This is what the ticket is for already."),
  HoldExpired: spec(410, "never", "占座已过期。", "The hold on the seats has ended."),

  // The waitlist
  WaitlistUnknown: spec(404, "never", "没有该候补订单。", "There is no such entry of the waitlist."),
  WaitlistNotNeeded: spec(
    409,
    "changed",
    "所选席别仍有余票，可直接购买。",
    "There are still seats of this class: they can be bought at once.",
  ),
  WaitlistEntriesFull: spec(
    409,
    "later",
    "待兑现的候补订单已达上限。",
    "This account has as many entries in the waitlist as it may have.",
  ),
  WaitlistTooMany: spec(
    422,
    "changed",
    "候补的日期或车次组合过多。",
    "An entry of the waitlist takes fewer dates or trains than these.",
  ),
  WaitlistTooLate: spec(409, "changed", "已过截止兑现时间。", "The latest time of decision for this train has passed."),
  WaitlistDeadlineUnknown: spec(
    422,
    "changed",
    "不可选择该截止兑现时间。",
    "The latest time of decision cannot be set to that.",
  ),
  WaitlistCrowded: spec(
    409,
    "later",
    "该席别候补人数较多，请更换车次、席别或稍后重试。",
    "Very many are waiting for this class. Please choose another train or class, or try again later.",
  ),
  WaitlistStopped: spec(409, "later", "该车次暂停候补。", "This train takes no entries in its waitlist for now."),
  WaitlistDearer: spec(
    409,
    "never",
    "票价高于预付款，不能兑现。",
    "It costs more than was prepaid, so it cannot be waited for.",
  ),
  WaitlistNotChangeable: spec(
    409,
    "never",
    "该候补订单当前不可变更。",
    "This entry of the waitlist cannot be changed now.",
  ),

  // The queue
  QueueOn: spec(
    409,
    "changed",
    "购票人数较多，请排队购票。",
    "Many people want to buy now. Please take a place in the queue.",
  ),
  QueueUnknown: spec(404, "never", "没有该排队，或排队已结束。", "There is no such queue, or it has ended."),
  QueueNotYet: spec(409, "later", "尚未开始排队。", "Nobody takes a place in this queue yet."),
  QueueNotDrawn: spec(409, "later", "尚未抽签。", "The lots of this queue have not been drawn yet."),
  QueueLotTaken: spec(
    409,
    "never",
    "同一证件已由其他账号参与排队。",
    "Another account of the same person has a place in this queue.",
  ),
  QueuePlaceInvalid: spec(
    422,
    "changed",
    "排队凭证无效，请重新排队。",
    "This is no place in the queue. Please take one anew.",
  ),

  // Programs and people
  ChallengeRequired: spec(
    409,
    "changed",
    "为确认不是自动程序，请先完成一次验证。",
    "To tell people from programs, please solve a challenge first.",
  ),
  ChallengeInvalid: spec(
    422,
    "changed",
    "验证已失效，请重新验证。",
    "This challenge is used or has ended. Please ask for another one.",
  ),
  ChallengeWrong: spec(422, "changed", "验证不正确。", "This is not the answer of the challenge."),
  PurchasesBlocked: spec(
    403,
    "never",
    "此账号或网络暂时不能购票。如有疑问请联系客服并提供编号。",
    "This account or network may not buy for the time being. If you think that this is wrong, tell us the reference.",
  ),
  AppealUnknown: spec(
    404,
    "never",
    "没有以此编号封禁您的记录，或封禁已经结束。",
    "No block with this reference holds for you. It may have ended: please try again to buy.",
  ),
  AppealEmpty: spec(422, "changed", "请写明理由。", "Please write what is to be considered."),
  AppealStands: spec(
    409,
    "never",
    "您已就此编号提出申诉，请等待答复。",
    "You have sent an appeal for this reference already. Its answer stands beside it.",
  ),

  // Payment
  PaymentClosed: spec(409, "never", "该支付单已结束。", "This payment has ended."),
  ChannelUnknown: spec(422, "changed", "没有该支付渠道。", "There is no such payment channel."),
} as const satisfies Record<string, RefusalSpec>;

export type RefusalCode = keyof typeof refusals;

/** Why a class is not sold over a way now. In the order of the engine's numbers for it. */
export const saleRefusals = [
  "SoldOut",
  "StandingNotYet",
  "WaitlistFirst",
  "NotOnSaleBetween",
] as const satisfies readonly RefusalCode[];
export type SaleRefusal = (typeof saleRefusals)[number];

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

/** Nothing is free there now; somebody may give something back. */
export const areNoSeats = ({ code }: { readonly code: string }): boolean =>
  ["SoldOut", "StandingNotYet", "WaitlistFirst", "NotOnSaleBetween"].includes(code);

/** Nobody has decided anything: the same may be asked again, and may then be had. */
export const isUndecided = ({ code }: Pick<Refusal, "code">): boolean =>
  code === "Overloaded" || code === "ServiceUnavailable" || code === "Internal";
