/** I8: the log says what became of every order, each change and each state within it, in one way only; so a consumer knows all. */
import type { OrderStateChanged } from "@chepiao/contracts";
import type { OrderRecord } from "@chepiao/ports/order-store";

export function statesAreTold(told: readonly OrderStateChanged[], orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const ofOrder = Map.groupBy(told, ({ orderId }) => orderId);
  for (const order of orders) {
    const steps = new Map<string, string>();
    const all = (ofOrder.get(order.orderId) ?? []).toSorted((a, b) => a.version - b.version || a.step - b.step);
    ofOrder.delete(order.orderId);
    let last: OrderStateChanged | null = null;
    for (const each of all) {
      const name = `version ${each.version}, step ${each.step}`;
      const text = JSON.stringify(each);
      const before = steps.get(name);
      steps.set(name, text);
      if (before !== undefined) {
        if (before !== text) wrong.push(`I8: ${order.orderNo} has two records of ${name}`);
        continue;
      }
      const isNext: boolean = last
        ? each.version === last.version + 1 || (each.version === last.version && each.step === last.step + 1)
        : each.version === 0;
      if (!isNext) wrong.push(`I8: nothing is told of ${order.orderNo} before ${name}`);
      if (last && each.from !== last.to)
        wrong.push(`I8: ${order.orderNo} is ${last.to}, and in ${name} it was ${each.from}`);
      last = each;
    }
    if (last?.version !== order.version || last.to !== order.state)
      wrong.push(
        `I8: ${order.orderNo} is ${order.state} in version ${order.version}, and told as ${last?.to} in ${last?.version}`,
      );
    else if (last.tickets.some(({ state }, n) => order.tickets[n]?.state !== state))
      wrong.push(`I8: tickets of ${order.orderNo} are told otherwise than they are`);
  }
  for (const orderId of ofOrder.keys()) wrong.push(`I8: something is told of order ${orderId}, which is not there`);
  return wrong;
}
