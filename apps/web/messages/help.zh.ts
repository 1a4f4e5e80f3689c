/** What the pages of help say, in Chinese. Loaded with those pages alone; `{railway}` is the railway's name. */

export type HelpSections = readonly (readonly [title: string, ...texts: string[]])[];
export type HelpTopic = "contact" | "terms" | "privacy" | "accessibility";

export const helpZh: HelpSections = [
  [
    "购票",
    "一个订单可为多位乘车人购票，须用本人有效证件。提交后座位会保留一段时间，到时未付款自动释放，不收任何费用。",
  ],
  [
    "候补",
    "无票的席别可以候补：先预付排队，有退票时按付款先后自动出票，多付的退回。到截止时间没有买到，预付款全额退回；出票前可以随时取消。",
  ],
  [
    "退票",
    "开车前可在订单中逐张退票，退票费按距开车的时间计算，越早退越少。确认之前会写明每张票的退票费和退回金额。",
    "票款按原支付方式退回。",
  ],
  ["进站", "请带上购票时使用的证件。车票打开过一次后，没有网络也能出示二维码；也可以打印，或把行程加入日历。"],
];

export const topicsZh: Readonly<Record<HelpTopic, { readonly title: string; readonly sections: HelpSections }>> = {
  contact: {
    title: "联系我们",
    sections: [
      [
        "订票或退票遇到问题",
        "请先在“订单”中查看：每个订单都写明现在的状态、款项去向和能做的事。",
        "联系时请提供订单号，不要把密码或验证码告诉任何人，{railway}的工作人员也不会索要。",
      ],
      ["在车站和列车上", "晚点、换乘、遗失物品和需要协助时，请找车站或列车工作人员。"],
    ],
  },
  terms: {
    title: "服务条款",
    sections: [
      ["谁在售票", "车票由{railway}出售，您与{railway}订立运输合同。本网站代为办理购票、候补、改签和退票。"],
      [
        "何时成交",
        "提交订单只是占座；付款成功并显示“已出票”后合同成立。未按时付款，座位释放，不收费用。付款时座位已经没有的，款项全额退回。",
      ],
      [
        "您需要做的",
        "乘车人信息应与证件一致，为他人购票须经其同意。一人在同一时间只能有一个行程。不得用程序占座或转卖车票。",
      ],
      ["改变与取消", "退票、改签的费用以购票时的规则为准，见“帮助与规则”。列车停运时，全额退款。"],
    ],
  },
  privacy: {
    title: "隐私说明",
    sections: [
      [
        "我们保存什么",
        "账号的姓名、证件、手机号或邮箱，您添加的乘车人，订单、候补和付款记录，以及登录过的设备。{railway}用它们售票、检票、退款，并履行法律规定的义务，不用于广告，也不出售。",
      ],
      [
        "怎样保护",
        "证件号、手机号和邮箱加密保存，页面上只显示一部分。网站不使用第三方统计或广告，只用维持登录以及记住语言和外观所需的 Cookie。",
      ],
      ["保存在这台设备上的", "最近的搜索、上次的同行人和打开过的车票。退出登录时，车票和同行人会清除。"],
      [
        "您的权利",
        "可在“账户”中查看和更正信息，删除乘车人，退出其他设备，或注销账号。注销后姓名、证件和联系方式会抹去；订单按法律要求留在账目中，不再与您的账号显示在一起。",
      ],
    ],
  },
  accessibility: {
    title: "无障碍说明",
    sections: [
      ["目标", "{railway}的网站按 WCAG 2.2 AA 设计，让每个人都能自己买票。"],
      [
        "能做到的",
        "全部功能可只用键盘完成；读屏软件会读出余票、倒计时和错误；字体放大到 200% 不需要左右滑动；支持深色模式，并遵从系统的“减少动态效果”。颜色从不是唯一的提示。",
      ],
      ["还做不到的", "座位图较密，用读屏软件时建议用选座偏好；付款页面由银行提供，可能不同。"],
      ["遇到障碍", "请告诉我们在哪个页面、用什么设备和辅助软件，方式见“联系我们”。"],
    ],
  },
};

export const helpTextsZh = {
  topics: "更多",
  children: "儿童",
  askAboutChildren: "儿童单独旅行前，请先向铁路了解随行要求。",
  luggage: "行李",
  change: "改签",
  changeSame: "改签到原定乘车日或更早：免费。",
  changeTo: "改签到更晚的日期，收取两张票中较低票价的一部分：",
  changeNone: "本铁路的车票不能改签，可以退票后重新购买。",
  changeDestination: (time: string): string => `距开车 ${time}以上，可以变更到站，不收手续费。`,
  changeDestinationAlways: "开车前可以变更到站，不收手续费。",
  changeAfter: (fee: string): string => `开车后、当日 24 点前也可以改签：${fee}。`,
  phone: "电话",
  email: "邮箱",
  hours: "服务时间",
  address: "地址",
  noContact: "请向车站工作人员咨询；网上的联系方式尚未公布。",
  ownTerms: "完整条款以这里为准",
  ownPrivacy: "完整的隐私政策以这里为准",
};
export type HelpTexts = typeof helpTextsZh;
