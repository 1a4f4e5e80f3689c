/** What the pages of help say, in English. */
import type { HelpSections, HelpTexts, HelpTopic } from "./help.zh.ts";

export const helpEn: HelpSections = [
  [
    "Buying",
    "Several passengers can travel on one order, each with a valid document of their own. Your seats are held for a while; if you do not pay, they are released and nothing is charged.",
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
];

export const topicsEn: Readonly<Record<HelpTopic, { readonly title: string; readonly sections: HelpSections }>> = {
  contact: {
    title: "Contact",
    sections: [
      [
        "If something went wrong with a booking or a refund",
        "Look at “Orders” first: each order says how it stands, where the money is, and what you can do.",
        "Have the order number at hand when you get in touch. Never tell anybody a password or a code: nobody at {railway} asks for one.",
      ],
      [
        "At the station and on the train",
        "For delays, connections, lost property and assistance, please ask the staff there.",
      ],
    ],
  },
  terms: {
    title: "Terms",
    sections: [
      [
        "Who sells",
        "Tickets are sold by {railway}, with whom you make the contract of carriage. This site sells, waitlists, changes and refunds them on its behalf.",
      ],
      [
        "When you have bought",
        "Placing an order only holds seats; the contract is made once you have paid and the order says “Tickets issued”. If you do not pay in time the seats are released and nothing is charged. Money for seats that are gone by then is refunded in full.",
      ],
      [
        "What we ask of you",
        "Passengers’ names and documents have to be as on the document, and whoever you book for has to agree. Nobody can be on two trips at one time. Holding seats by program and reselling tickets are not allowed.",
      ],
      [
        "Changes and cancellations",
        "Fees are those in force when you bought; see “Help and rules”. If a train does not run, you get the whole fare back.",
      ],
    ],
  },
  privacy: {
    title: "Privacy",
    sections: [
      [
        "What is stored",
        "The name, document, and phone or email of your account, the passengers you add, your orders, waitlists and payments, and the devices you are logged in on. {railway} uses them to sell and check tickets, to refund, and to do what the law asks; not for advertising, and they are not sold.",
      ],
      [
        "How it is protected",
        "Document and phone numbers and email addresses are stored encrypted and shown only in part. The site has no third-party analytics or advertising; its only cookies keep you logged in and remember language and appearance.",
      ],
      [
        "On this device",
        "Recent searches, the party of your last booking, and tickets you opened. Tickets and party are removed when you log out.",
      ],
      [
        "Your rights",
        "Under “Account” you can see and correct your data, remove passengers, log out other devices, or delete the account. Name, document and contacts are then erased; orders stay in the books as the law asks, and no longer show with your account.",
      ],
    ],
  },
  accessibility: {
    title: "Accessibility",
    sections: [
      [
        "What we aim for",
        "The site of {railway} is designed to WCAG 2.2 AA, so that everybody can buy a ticket on their own.",
      ],
      [
        "What works",
        "Everything works by keyboard alone; screen readers say free seats, countdowns and errors; at 200% text size nothing scrolls sideways; there is a dark theme, and less motion where your system asks for it. Colour is never the only sign.",
      ],
      [
        "What does not yet",
        "The seat map is dense: with a screen reader, seat preferences are easier. The page where you pay is the bank’s and may be different.",
      ],
      ["If you meet a barrier", "Tell us on which page, with which device and software; see “Contact”."],
    ],
  },
};

export const helpTextsEn: HelpTexts = {
  topics: "More",
  children: "Children",
  askAboutChildren: "Before a child travels alone, please ask the railway who has to travel along.",
  luggage: "Luggage",
  change: "Changes",
  changeSame: "To the day of the ticket or an earlier one: free.",
  changeTo: "To a later day, a part of the lower of both fares is kept:",
  changeNone: "Tickets of this railway cannot be changed. They can be refunded and bought again.",
  changeDestination: (time) => `Until ${time} before departure the destination can be changed, free of charge.`,
  changeDestinationAlways: "Until departure the destination can be changed, free of charge.",
  changeAfter: (fee) => `After departure, until the end of that day: ${fee}.`,
  phone: "Phone",
  email: "Email",
  hours: "Hours",
  address: "Address",
  noContact: "Please ask the staff at a station; no other contact has been published yet.",
  ownTerms: "The full terms, which decide",
  ownPrivacy: "The full privacy policy, which decides",
};
