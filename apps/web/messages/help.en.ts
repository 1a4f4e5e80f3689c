/** What the page of rules says, in English. */
import type { HelpSections } from "./help.zh.ts";

export const helpEn: HelpSections = [
  [
    "Buying",
    "Several passengers can travel on one order, each with a valid document of their own. Your seats are held for a while; if you do not pay, they are released and nothing is charged.",
    "Before a child travels alone, please ask the railway who has to travel along.",
  ],
  [
    "Waitlist",
    "For a class that is sold out you can wait: you prepay, and seats that come back become tickets in order of payment. What you paid too much goes back, and all of it if no seats come in time. You can leave at any time before.",
  ],
  [
    "Refunds",
    "Until departure each ticket of an order can be refunded. The fee depends on how long before departure: the earlier, the lower. Fee and refund of each ticket are shown before you confirm.",
    "Money goes back to the payment method you used.",
  ],
  [
    "At the station",
    "Bring the document you booked with. A ticket that was opened once shows its code without a network; you can also print it or add the trip to your calendar.",
  ],
  [
    "Privacy",
    "Document and phone numbers and email addresses are stored encrypted and shown only in part. When you log out, orders and tickets kept on this device are removed.",
  ],
  ["Accessibility", "Everything works by keyboard alone, with screen readers, large type and a dark theme."],
];
