/** What is said of a kind of ticket is what it is sold by. */
import { expect, test } from "bun:test";
import { policyProfiles, type TicketType, type TrainType } from "@chepiao/contracts";
import { en } from "../messages/en.ts";
import { typeRule as ruleOf, typesSold } from "./ticketTypes.ts";

const rulesOf = ({ fares }: (typeof policyProfiles)["12306"]) => fares;
const [china, metric] = [rulesOf(policyProfiles["12306"]), rulesOf(policyProfiles["demo-metric"])];

const nameOf = (type: TrainType) => (type === "emu" ? "D train" : en.types[type]);
const typeRule = (type: TicketType, rules: Parameters<typeof ruleOf>[1], messages: typeof en) =>
  ruleOf(type, rules, messages, nameOf);

test("who is a child, and what each pays in each class, is the policy's", () => {
  expect(typeRule("child", china, en)).toContain("Under 14 ");
  expect(typeRule("child", metric, en)).toContain("Under 15 ");
  expect(typeRule("student", metric, en)).toEndWith("Of the adult fare: Second 75%, Hard seat 75%.");
  expect(typeRule("child", china, en)).toContain("Soft sleeper 50% of the seat part");
  expect(typeRule("student", china, en)).toEndWith(
    "On trains of type High-speed, D train, Intercity: Soft sleeper 75%, Hard sleeper 75%. 4 single trips in each school year: each ticket takes one.",
  );
  expect(typeRule("child", china, en)).toEndWith(en.book.childWithAdult);
  expect(typeRule("child", metric, en)).not.toContain(en.book.childWithAdult);
  expect(typeRule("adult", china, en)).toBe(en.ticketTypeRules.adult);
});

test("a kind of ticket that the railway does not sell is not explained; before its rules are known no figure is made up", () => {
  expect(typesSold(metric, en)).toEqual(["adult", "child", "student"]);
  expect(typesSold(undefined, en)).toHaveLength(4);
  expect(typeRule("child", undefined, en)).not.toMatch(/\d/);
});
