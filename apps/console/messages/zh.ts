/** The words of the console in Chinese; English has the same keys. Those of an area lie in a file of their own. */
import type { Role } from "@chepiao/contracts";
import type { PageName } from "../app/paths.ts";
import { auditZh } from "./audit.zh.ts";
import { ordersZh } from "./orders.zh.ts";
import { overviewZh } from "./overview.zh.ts";
import { runsZh } from "./runs.zh.ts";

const pages: Readonly<Record<PageName, string>> = {
  overview: "总览",
  orders: "订单",
  order: "订单详情",
  runs: "车次",
  run: "车次详情",
  audit: "审计记录",
};

const roles: Readonly<Record<Role, string>> = {
  passenger: "旅客",
  operator: "运营",
  finance: "财务",
  gate: "检票",
  auditor: "审计",
  admin: "管理员",
};

export const zh = {
  console: "控制台",
  pages,
  roles,
  menu: "菜单",
  skip: "跳到内容",
  language: "语言",
  login: "登录",
  logout: "退出",
  username: "用户名",
  password: "密码",
  needed: "请填写。",
  demoLogin: "演示账号：",
  noRights: "此账号没有工作人员权限",
  noRightsWhy: "请管理员为该账号授予角色。",
  noRight: "您的角色不能查看此页",
  notFound: "没有这个页面",
  home: "返回首页",
  unreachable: "无法连接平台，请检查网络后重试。",
  again: "重试",
  search: "查询",
  more: "加载更多",
  empty: "没有符合条件的记录",
  reason: "原因",
  reasonNeeded: "请写明原因，它会写入审计记录。",
  dryRun: "试算",
  confirm: "确认执行",
  cancel: "取消",
  done: "已完成",
  audit: auditZh,
  orders: ordersZh,
  overview: overviewZh,
  runs: runsZh,
};
export type Messages = typeof zh;
